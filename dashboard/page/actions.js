// What a person can do to tasks and queues: the question, the call, and the notice.

import { change } from './api.js';
import { MOST_AT_ONCE, startBulk, stepsByIds } from './bulk.js';
import { parametersOf } from './filters.js';
import { plural } from './format.js';
import { html } from './html.js';
import { labelText } from './labels.js';
import { confirm } from './parts/confirm.js';
import { DryCount } from './parts/dry-count.js';
import { mayCancel, mayRun } from './parts/state.js';
import { say } from './parts/toasts.js';
import { path } from './where.js';

const VERBS = {
  cancel: {
    title: 'Cancel this task?',
    text: 'A task that waits never starts. A running attempt learns of it at its next heartbeat, within 30 s, and its result is dropped.',
    verb: 'Cancel the task',
    done: 'Cancelled.',
    many: 'cancelled',
    manyText:
      'Those that wait never start. Running attempts learn of it at their next heartbeat, within 30 s, and their results are dropped.',
  },
  run: { done: 'It starts now.', many: 'started', manyText: 'They start now, whatever their time is.', danger: false },
  retry: {
    title: 'Start this task again?',
    text: 'Its attempts are counted from 0. A deadline that has passed is dropped.',
    verb: 'Start it again',
    danger: false,
    done: 'It starts again.',
    many: 'started again',
    manyText: 'Their attempts are counted from 0. Deadlines that have passed are dropped.',
  },
};

/** Makes a call and says how it went. Returns whether it went well. */
export async function attempt(call, done) {
  try {
    await call();
  } catch (problem) {
    say(problem.message, 'bad');
    return false;
  }
  say(done);
  return true;
}

/** Cancels, runs or retries one task. */
export async function act(verb, id) {
  const { title, text, verb: button, danger, done } = VERBS[verb];
  if (title && !(await confirm({ title, text, verb: button, danger }))) return false;
  return attempt(() => change('POST', path('tasks', id, verb)), done);
}

/** Cancels, runs or retries these tasks. */
export async function actOnMany(verb, ids) {
  const { many, manyText, danger } = VERBS[verb];
  const tasks = plural(ids.length, 'task');
  const name = { cancel: 'Cancel', run: 'Run', retry: 'Retry' }[verb];
  const yes = await confirm({ title: `${name} ${tasks}?`, text: manyText, verb: `${name} ${tasks}`, danger });
  if (!yes) return false;
  const steps =
    verb === 'cancel' ? stepsByIds(path('tasks', 'cancel'), ids) : ids.map((id) => ({ path: path('tasks', id, verb) }));
  startBulk({ title: `${name} ${tasks}`, verb: many, steps, total: ids.length });
  return true;
}

/** Starts these failed tasks again. */
export async function redriveMany(ids, what) {
  const tasks = plural(ids.length, 'task');
  const title = `Redrive ${tasks}?`;
  const yes = await confirm({ title, text: what, verb: `Redrive ${tasks}`, danger: false });
  if (!yes) return false;
  const steps = stepsByIds(path('dead', 'redrive'), ids);
  startBulk({ title: `Redrive ${tasks}`, verb: 'started again', steps, total: ids.length });
  return true;
}

/** The parameters of a list as a change's body. */
function bodyOf({ queue, state, labels }) {
  const body = { limit: MOST_AT_ONCE };
  if (queue) body.queue = queue;
  if (state) body.state = state;
  if (labels.length > 0) body.labels = Object.fromEntries(labels);
  return body;
}

/** Starts all failed tasks again that match. */
export async function redriveAll(filters) {
  return changeAll({
    title: 'Redrive all that match',
    text: `${told({ ...filters, state: null }, 'every failed task')} start again. Their attempts are counted from 0.`,
    verb: 'Redrive them',
    many: 'started again',
    danger: false,
    list: { path: path('dead'), parameters: parametersOf({ ...filters, state: '' }), fits: () => true },
    step: { path: path('dead', 'redrive'), body: bodyOf({ ...filters, state: '' }) },
  });
}

/** Cancels all open tasks that match. */
export async function cancelAll(filters) {
  const body = bodyOf(filters);
  const everything = !filters.queue && !filters.state && filters.labels.length === 0;
  return changeAll({
    title: 'Cancel all that match',
    text: `${told(filters, 'every open task of the stack')} are cancelled, if they have not ended.`,
    verb: 'Cancel them',
    many: 'cancelled',
    typed: everything ? 'everything' : undefined,
    list: { path: path('tasks'), parameters: parametersOf(filters), fits: ({ state }) => mayCancel(state) },
    step: { path: path('tasks', 'cancel'), body: everything ? { ...body, all: true } : body },
  });
}

/** Cancels what waits in a queue. */
export async function purge(queue) {
  return changeAll({
    title: `Purge ${queue}`,
    text: 'The tasks of this queue that wait are cancelled. Those that run go on, and the queue stays.',
    verb: 'Purge the queue',
    many: 'cancelled',
    typed: queue,
    list: { path: path('tasks'), parameters: { queue }, fits: ({ state }) => mayRun(state) },
    step: { path: path('queues', queue, 'purge'), body: {} },
  });
}

async function changeAll({ title, text, verb, many, danger, typed, list, step }) {
  let total = null;
  const counted = (number) => {
    total = number;
  };
  const dry = html`<p>${text}</p><${DryCount} list=${list} onCounted=${counted} />`;
  if (!(await confirm({ title: `${title}?`, text: dry, verb, danger, typed }))) return false;
  startBulk({ title, verb: many, steps: [step], total });
  return true;
}

function told({ queue, state, labels }, all) {
  const parts = [];
  if (queue) parts.push(`in queue ${queue}`);
  if (state) parts.push(`that are ${state}`);
  for (const [name, value] of labels) parts.push(`with ${labelText(name, value)}`);
  return parts.length > 0 ? `Tasks ${parts.join(', ')}` : `${all[0].toUpperCase()}${all.slice(1)}`;
}
