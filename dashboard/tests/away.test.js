/** The stack goes away and comes back, and a request that gets no answer. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { open } from './browser.js';
import { browser, stack } from './running.js';
import { startStack } from './stack.js';

let directory;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'taskway-dashboard-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

test('the stack goes away and comes back', async (t) => {
  const data = join(directory, 'data');
  const first = await startStack({ data });
  const submit = (call) => call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'kept', delay_seconds: 3600 });
  const { id } = await submit(first.call);
  const page = await open(t, browser, first.url, {
    hash: '#/tasks',
    expected: /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/,
  });
  await page.locator(`a[href="#/tasks/${id}"]`).waitFor();
  await first.stop();
  const banner = page.getByRole('alert').filter({ hasText: 'The stack does not answer' });
  await banner.waitFor();
  await page.locator(`a[href="#/tasks/${id}"]`).waitFor();
  // What the reader does meanwhile is told to have failed, and nothing waits for ever.
  await page.getByLabel(`Select ${id}`).check();
  await page.getByRole('button', { name: 'Cancel 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel 1 task' }).click();
  await page.locator('.tray').getByText('no connection to the stack').waitFor();

  const second = await startStack({ data, ports: first.ports });
  await banner.waitFor({ state: 'detached' });
  await page.getByText('The stack answers again.').waitFor();
  const { id: newer } = await submit(second.call);
  await page.locator(`a[href="#/tasks/${newer}"]`).waitFor();
  await page.locator('.tray').getByRole('button', { name: 'Go on' }).click();
  await page.locator('.tray').getByText('1 task cancelled').waitFor();
  assert.equal((await second.call('GET', `tasks/${id}`)).state, 'cancelled');
});

test('a request without an answer ends, and says so', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about' });
  let silent = true;
  await page.route('**/v1/queues*', (route) => (silent ? undefined : route.continue()));
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.getByText('Loading…').waitFor();
  await page.getByRole('main').getByText('no answer within 10 s').first().waitFor({ timeout: 15_000 });
  assert.equal(await page.getByText('Loading…').count(), 0);
  silent = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'No task yet' }).waitFor();
});

test('a refusal of DynamoDB is told, with what to do, and what was known stays', async (t) => {
  await stack.call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'q', delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: '#/tasks', expected: /503/ });
  await page.getByRole('link', { name: 'echo' }).waitFor();
  const problem = {
    type: '/problems/unavailable',
    title: 'The service cannot answer now',
    status: 503,
    detail: 'DynamoDB: made up by the test',
  };
  await page.route('**/v1/tasks?*', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  );
  const alert = page.getByRole('alert').filter({ hasText: 'DynamoDB: made up by the test' });
  await alert.getByText('Wait a moment, and try again.').waitFor();
  await page.getByRole('link', { name: 'echo' }).waitFor();
  await page.unroute('**/v1/tasks?*');
  await alert.waitFor({ state: 'detached' });
});
