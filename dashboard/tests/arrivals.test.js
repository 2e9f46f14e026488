/** What the overview tells of the tasks that come in is what the newest of them tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, fits, open, serveModule } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

test('new tasks are counted in the time that the page of them covers, and their ends with them', async (t) => {
  const submit = (handler, count, payload, more = {}) =>
    stack.call('POST', 'tasks/batch', { tasks: Array(count).fill({ target: { handler }, payload, ...more }) });
  await submit('echo', 5, null);
  await submit('fail', 3, { fatal: true });
  const { results } = await submit('echo', 2, null, { delay_seconds: 3600 });
  await stack.call('POST', `tasks/${results[0].task.id}/cancel`);
  const states = async () => (await stack.call('GET', 'tasks?limit=500')).tasks.map(({ state }) => state);
  await until('all have ended', async () => (await states()).filter((state) => /succeeded|failed/.test(state)).length === 8);

  const page = await open(t, browser, stack.url, { width: 375 });
  const tile = page.locator('.tile', { hasText: 'New tasks' });
  await tile.getByText('in a minute; of the newest 10, 5 succeeded, 3 failed').waitFor();
  assert.equal(await tile.locator('.big').textContent(), '10');
  await tile.getByRole('img', { name: /^New tasks a minute: now 10, / }).waitFor();
  await accessible(page, 'new tasks');
  await fits(page, 'new tasks');
  await page.locator('tr', { hasText: 'default' }).first().waitFor();

  await serveModule(page, 'arrivals.js');
  const counted = await page.evaluate(async () => {
    const { arrivals } = await import('/arrivals.js');
    const now = Date.parse('2026-12-01T12:00:00Z');
    const tasks = (...ages) =>
      ages.map((seconds) => ({ created_at: new Date(now - seconds * 1000).toISOString(), state: 'queued' }));
    return [
      [tasks(1, 2, 70), null],
      [tasks(1, 2, 70), 'more'],
      [tasks(1, 2, 5), 'more'],
      [tasks(-3, -2), 'more'],
      [[], null],
    ].map(([list, next_cursor]) => {
      const { came, within } = arrivals({ tasks: list, next_cursor }, now);
      return [came, within];
    });
  });
  assert.deepEqual(counted, [
    [2, 60_000],
    [2, 60_000],
    [3, 5000],
    [2, 1000],
    [0, 60_000],
  ]);
});
