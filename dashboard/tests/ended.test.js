/** The overview counts the tasks that ended, as the stack does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, open } from './browser.js';
import { browser, stack } from './running.js';

test('tasks that ended are counted, and how many of them failed', async (t) => {
  const retry = { max_attempts: 1 };
  for (const handler of ['echo', 'echo', 'echo', 'fail']) {
    await stack.call('POST', 'tasks', { target: { handler }, retry });
  }
  const page = await open(t, browser, stack.url);
  const tile = page.locator('.tile').filter({ has: page.getByRole('heading', { name: 'Ended', exact: true }) });
  // A worker tells every 15 seconds what has ended.
  await tile.getByText('1 failed, 25 %').waitFor({ timeout: 40_000 });
  assert.equal(await tile.locator('.big').textContent(), '4');
  await tile.getByRole('img', { name: /^Ended tasks: / }).waitFor();
  await accessible(page, 'the overview with tasks that ended');
});

test('a stack that does not count them shows no number', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about' });
  await page.route('**/v1/stats', async (route) => {
    const response = await route.fetch();
    const { ended, ...older } = await response.json();
    assert.ok(Array.isArray(ended));
    await route.fulfill({ response, json: older });
  });
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'Waiting' }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Ended', exact: true }).count(), 0);
});
