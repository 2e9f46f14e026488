// What the answer about a task tells of its life, in the order of time. It has the start of the latest attempt, the latest error, the
// latest report of progress, and the latest attempts that failed. Nothing is made up for what came before.
import { duration, target } from './format.js';

/** A first attempt that is due within so many ms of the submit was due at once. */
const AT_ONCE = 1000;
/** A task that is past its time by less, in ms, is on its way as it should be. */
const ON_ITS_WAY = 5000;

/**
 * Steps `{key, at, what, note, tone}`, the earliest first, and then those without a time. `callback` is the task that a step is
 * about, `runs` says that the step goes on, and `why` what a task waits for that is past its time.
 */
export function timeline(task, callbacks, now) {
  const steps = [
    submitted(task),
    ...past(task),
    ...begun(task),
    ...failed(task),
    ...reported(task),
    ...waiting(task, now),
    ...ended(task),
    ...callbacks.map(followed),
    task.deadline && { key: 'deadline', at: task.deadline, what: 'Deadline' },
    task.retained_until && { key: 'kept', at: task.retained_until, what: 'Record kept until then' },
  ].filter(Boolean);
  const time = ({ at }) => (at ? Date.parse(at) : now);
  return steps.sort((a, b) => time(a) - time(b));
}

/** Whether attempts or waits came before those that are told. */
export function hasUntold({ attempt, generation, started_at: started, error, past_attempts: past = [] }) {
  const told = new Set(past.map((one) => one.attempt));
  const all = Array.from({ length: Math.max(attempt - 1, 0) }, (_, before) => told.has(before + 1)).every(Boolean);
  const uncounted = error && Date.parse(error.at) < Date.parse(started) && !past.some(isOf(error));
  return !all || generation > 1 || Boolean(started && attempt === 0) || Boolean(uncounted);
}

/** Whether a past attempt is the one that an error is of. */
const isOf = (error) => (past) => past.attempt === error?.attempt && past.failed_at === error.at;

const mayStart = (state) => state === 'scheduled' || state === 'queued';
const between = (from, to) => duration(Date.parse(to) - Date.parse(from));

/** Whether the latest error is of the latest attempt that started. */
const failedLast = ({ error, started_at: started }) => Boolean(error && started && Date.parse(error.at) >= Date.parse(started));

function submitted({ created_at: at, run_at: due }) {
  return { key: 'submitted', at, what: 'Submitted', note: isLater(due, at) ? null : 'due at once' };
}

const isLater = (due, submit) => Date.parse(due) - Date.parse(submit) > AT_ONCE;

/** The failed attempts before the latest, if this API tells them, and the start of the latest that failed if another has started since. */
function past({ past_attempts: past = [], retry, started_at: latest, error, state }) {
  return past.flatMap((one) => {
    const { attempt, started_at: start, failed_at: at, kind, message } = one;
    const steps = [];
    if (start !== latest)
      steps.push({ key: `started ${start}`, at: start, what: `Attempt ${attempt} of ${retry.max_attempts} started` });
    if (state === 'failed' || !isOf(error)(one)) {
      const took = `after ${between(start, at)}`;
      // Of an attempt that was lost, only the time is known at which that was found.
      const note = kind === 'lost' ? null : [took, message].filter(Boolean).join(': ');
      steps.push({ key: `failed ${start}`, at, what: `Attempt ${attempt} failed: ${kind}`, note, tone: 'fail' });
    }
    return steps;
  });
}

function begun(task) {
  const { created_at: submit, run_at: due, started_at: at, state, attempt, retry, timeout_seconds: timeout } = task;
  const steps = [];
  if (isLater(due, submit)) steps.push({ key: 'due', at: due, what: 'First attempt due' });
  if (!at) return steps;
  // A snooze, a continuation and an executor that stops take the count of an attempt back.
  const counted = ['running', 'succeeded', 'failed'].includes(state) || failedLast(task);
  const what = counted ? `Attempt ${attempt} of ${retry.max_attempts} started` : 'Latest attempt started';
  const runs = state === 'running';
  steps.push({ key: 'started', at, what, runs, note: runs ? `of at most ${timeout} s` : null, tone: runs ? 'run' : null });
  return steps;
}

/** The latest error, unless it is the task's end. */
function failed(task) {
  const { error, state } = task;
  if (!error || state === 'failed') return [];
  const start = failedLast(task) ? task.started_at : task.past_attempts?.find(isOf(error))?.started_at;
  const took = start ? `after ${between(start, error.at)}: ` : '';
  return [
    {
      key: 'error',
      at: error.at,
      what: `Attempt ${error.attempt} failed: ${error.kind}`,
      note: took + error.message,
      tone: 'fail',
    },
  ];
}

function reported({ progress }) {
  return progress ? [{ key: 'progress', at: progress.at, what: `Progress ${progress.done} / ${progress.total}` }] : [];
}

function waiting({ state, held, attempt, run_at: first, next_attempt_at: next, started_at: started }, now) {
  if (!mayStart(state)) return [];
  const steps = next ? [{ key: 'next', at: next, what: `Attempt ${attempt + 1} due` }] : [];
  if (held) return [...steps, { key: 'waits', what: 'Held back', why: 'held' }];
  if (!next && started) return [{ key: 'next', what: 'Another attempt follows', note: 'The API does not tell when.' }];
  const late = now - Date.parse(next ?? first) > ON_ITS_WAY;
  if (late) steps.push({ key: 'waits', what: 'Waits, past its time', why: 'behind' });
  return steps;
}

const ENDS = { succeeded: 'Succeeded', failed: 'Failed', cancelled: 'Cancelled', expired: 'Expired' };

function ended(task) {
  const { state, finished_at: at, started_at: started, error } = task;
  if (!at) return [];
  // Of an attempt that was lost, only the time is known at which that was found.
  const ran = started && (state === 'succeeded' || (state === 'failed' && failedLast(task) && error.kind !== 'lost'));
  const took = ran ? `after ${between(started, at)}` : '';
  if (state !== 'failed')
    return [{ key: 'ended', at, what: ENDS[state] ?? state, note: took, tone: state === 'succeeded' ? 'good' : null }];
  const note = error && [took, error.message].filter(Boolean).join(': ');
  return [{ key: 'ended', at, what: error ? `Failed: ${error.kind}` : 'Failed', note, tone: 'fail' }];
}

function followed(callback) {
  return { key: callback.id, at: callback.created_at, what: `Callback ${target(callback.target)}`, callback };
}
