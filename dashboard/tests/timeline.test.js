/** The timeline of a task tells what the record keeps, in order, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasUntold, timeline } from '../page/timeline.js';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

const NOW = Date.parse('2026-12-01T12:00:00Z');
/** A time, so many seconds from now. */
const at = (seconds) => new Date(NOW + seconds * 1000).toISOString();

const TASK = {
  state: 'queued',
  target: { handler: 'echo' },
  created_at: at(-60),
  run_at: at(-60),
  attempt: 0,
  generation: 1,
  retry: { max_attempts: 5 },
  timeout_seconds: 30,
};
const told = (task, callbacks = []) =>
  timeline({ ...TASK, ...task }, callbacks, NOW).map(({ what, note }) => (note ? `${what} (${note})` : what));
const failed = (attempt, from, to, kind = 'handler') => ({
  attempt,
  started_at: at(from),
  failed_at: at(to),
  kind,
  message: kind === 'lost' ? '' : 'no',
});
const error = (attempt, seconds, kind = 'handler') => ({ kind, message: 'no', attempt, at: at(seconds) });

test('what the record keeps is told in the order of time', () => {
  for (const [task, expected] of [
    [{ created_at: at(-1), run_at: at(-1) }, ['Submitted (due at once)']],
    [{ run_at: at(300) }, ['Submitted', 'First attempt due']],
    [{ run_at: at(-30), state: 'scheduled' }, ['Submitted', 'First attempt due', 'Waits, past its time']],
    [{ run_at: at(-30), state: 'scheduled', held: true }, ['Submitted', 'First attempt due', 'Held back']],
    [
      { state: 'running', attempt: 2, started_at: at(-5), error: error(1, -40), progress: { done: 3, total: 9, at: at(-50) } },
      [
        'Submitted (due at once)',
        'Progress 3 / 9',
        'Attempt 1 failed: handler (no)',
        'Attempt 2 of 5 started (of at most 30 s)',
      ],
    ],
    [
      { attempt: 1, started_at: at(-50), error: error(1, -48), next_attempt_at: at(60), deadline: at(600) },
      [
        'Submitted (due at once)',
        'Attempt 1 of 5 started',
        'Attempt 1 failed: handler (after 2 s: no)',
        'Attempt 2 due',
        'Deadline',
      ],
    ],
    // The latest error is told once, with the start of its attempt.
    [
      {
        state: 'running',
        attempt: 4,
        started_at: at(-5),
        error: error(3, -10),
        past_attempts: [failed(1, -40, -38), failed(2, -30, -20, 'lost'), failed(3, -12, -10)],
      },
      [
        'Submitted (due at once)',
        'Attempt 1 of 5 started',
        'Attempt 1 failed: handler (after 2 s: no)',
        'Attempt 2 of 5 started',
        'Attempt 2 failed: lost',
        'Attempt 3 of 5 started',
        'Attempt 3 failed: handler (after 2 s: no)',
        'Attempt 4 of 5 started (of at most 30 s)',
      ],
    ],
    [
      { state: 'succeeded', attempt: 2, started_at: at(-5), finished_at: at(-3), past_attempts: [failed(1, -40, -38)] },
      [
        'Submitted (due at once)',
        'Attempt 1 of 5 started',
        'Attempt 1 failed: handler (after 2 s: no)',
        'Attempt 2 of 5 started',
        'Succeeded (after 2 s)',
      ],
    ],
    [
      {
        state: 'failed',
        attempt: 2,
        started_at: at(-5),
        finished_at: at(-3),
        error: error(2, -3),
        past_attempts: [failed(1, -40, -38)],
      },
      [
        'Submitted (due at once)',
        'Attempt 1 of 5 started',
        'Attempt 1 failed: handler (after 2 s: no)',
        'Attempt 2 of 5 started',
        'Failed: handler (after 2 s: no)',
      ],
    ],
    // A snooze takes the count back, and the answer has no time for the next attempt.
    [
      { attempt: 0, started_at: at(-50) },
      ['Submitted (due at once)', 'Latest attempt started', 'Another attempt follows (The API does not tell when.)'],
    ],
    [
      { state: 'succeeded', attempt: 1, started_at: at(-50), finished_at: at(-20), retained_until: at(900) },
      ['Submitted (due at once)', 'Attempt 1 of 5 started', 'Succeeded (after 30 s)', 'Record kept until then'],
    ],
    [
      { state: 'failed', attempt: 5, started_at: at(-50), finished_at: at(-20), error: error(5, -20) },
      ['Submitted (due at once)', 'Attempt 5 of 5 started', 'Failed: handler (after 30 s: no)'],
    ],
    // Nobody knows when an attempt that was lost ended.
    [
      { state: 'failed', attempt: 5, started_at: at(-50), finished_at: at(-20), error: error(5, -20, 'lost') },
      ['Submitted (due at once)', 'Attempt 5 of 5 started', 'Failed: lost (no)'],
    ],
    // It may have waited when it was cancelled, so no duration is told.
    [
      { state: 'cancelled', attempt: 1, started_at: at(-50), finished_at: at(-20), error: error(1, -45) },
      ['Submitted (due at once)', 'Attempt 1 of 5 started', 'Attempt 1 failed: handler (after 5 s: no)', 'Cancelled'],
    ],
  ]) {
    assert.deepEqual(told(task), expected);
  }
  const callback = { id: 'c', created_at: at(-19), target: { handler: 'echo' }, state: 'queued' };
  const ended = { state: 'succeeded', attempt: 1, started_at: at(-50), finished_at: at(-20) };
  assert.equal(told(ended, [callback]).pop(), 'Callback echo');
});

test('what is not kept is said', () => {
  const untold = (task) => hasUntold({ ...TASK, ...task });
  assert.ok(!untold({}));
  assert.ok(!untold({ attempt: 1, started_at: at(-5), error: error(1, -1) }));
  assert.ok(!untold({ attempt: 2, started_at: at(-5), past_attempts: [failed(1, -40, -38)] }));
  assert.ok(untold({ attempt: 3, started_at: at(-5), past_attempts: [failed(2, -40, -38)] }));
  assert.ok(untold({ attempt: 1, generation: 2, started_at: at(-5) }));
  assert.ok(untold({ attempt: 2, started_at: at(-5) }));
  assert.ok(untold({ attempt: 0, started_at: at(-5) }));
  assert.ok(untold({ attempt: 1, started_at: at(-5), error: error(1, -9) }));
});

const submit = (handler, payload, more = {}) => stack.call('POST', 'tasks', { target: { handler }, payload, ...more });

test('a task that is tried again shows each step with its time, on a phone too', async (t) => {
  const { id } = await submit('fail', { times: 4 }, { retry: { min_backoff_seconds: 600, max_backoff_seconds: 600 } });
  await until('it failed once', async () => (await stack.call('GET', `tasks/${id}`)).error);
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}`, width: 375, scheme: 'dark' });
  const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('list').getByRole('listitem');
  await steps.nth(3).waitFor();
  const text = await steps.allInnerTexts();
  assert.match(text[1], /^Attempt 1 of 5 started/);
  assert.match(text[2], /^Attempt 1 failed: handler.*failing attempt 1/s);
  assert.match(text[3], /^Attempt 2 due\s+in [\d.]+ min/);
  const { next_attempt_at: next } = await stack.call('GET', `tasks/${id}`);
  assert.ok((await steps.nth(3).locator('time').getAttribute('title')).includes(next));
  await accessible(page, 'a timeline');
  await fits(page, 'a timeline');
});

test('a task that is held back leads to its queue', async (t) => {
  await stack.call('POST', 'queues/stopped/pause');
  const { id } = await submit('echo', null, { queue: 'stopped' });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  const step = page.getByRole('listitem').filter({ hasText: 'Held back' });
  await step.getByRole('link', { name: 'stopped' }).click();
  await page.getByRole('heading', { name: 'stopped' }).waitFor();
  await page
    .getByRole('row', { name: id })
    .getByText(/^due .* ago$/)
    .waitFor();
});

test('a timeline ends with the callbacks', async (t) => {
  const { id } = await submit('echo', 1, { on_success: { target: { handler: 'echo' }, queue: 'after' } });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  await page.getByRole('region', { name: 'Timeline' }).getByRole('link', { name: 'Callback echo' }).click();
  await page.getByRole('link', { name: id }).waitFor();
});
