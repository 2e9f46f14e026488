/** An operator's day without a mouse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

test('find why tasks of a tenant fail, redrive them, pause a queue, change a limit, move a schedule', async (t) => {
  const task = { target: { handler: 'fail' }, payload: { fatal: true }, queue: 'emails', labels: { tenant: 'acme' } };
  await stack.call('POST', 'tasks/batch', { tasks: Array(3).fill(task) });
  await until('they failed', async () => (await stack.call('GET', 'dead')).tasks.length === 3);
  await stack.call('PUT', 'schedules/nightly', { cron: '0 3 * * *', task: { target: { handler: 'echo' } } });

  const page = await open(t, browser, stack.url);
  const keys = async (...all) => {
    for (const key of all) await page.keyboard.press(key);
  };
  const type = (text) => page.keyboard.type(text);
  const focused = (name) =>
    until(`the focus is on ${name}`, () => page.evaluate((text) => document.activeElement.textContent.includes(text), name));

  await keys('g', 'd');
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  // `/`, the queue, then the label.
  await page.getByText('3 failed tasks in 1 group').waitFor();
  await keys('/');
  await type('emails');
  const filtered = page.waitForResponse(/\/v1\/dead\?queue=emails/);
  await keys('Enter');
  await filtered;
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-filter]')), 'the focus stays in the filter');
  await page.getByText('3 failed tasks in 1 group').waitFor();
  await keys('Escape', 'j');
  await focused('failing attempt');
  await keys('Enter');
  await page.locator('tbody tr').nth(2).waitFor();
  await keys('j', 'j');
  await until('the focus is on the second task', () =>
    page.evaluate(() => document.activeElement.matches('tr:nth-child(2) a')),
  );
  await keys('Enter');
  await page.getByRole('heading', { name: 'It failed: handler' }).waitFor();

  await keys('r');
  await page.getByRole('dialog', { name: 'Start this task again?' }).waitFor();
  await keys('Enter');
  await until('one started again', async () => {
    const { tasks } = await stack.call('GET', 'tasks?queue=emails');
    return tasks.filter(({ generation }) => generation > 1).length === 1;
  });

  await keys('g', 't');
  await page.locator('[data-row]').nth(2).waitFor();
  await keys('j', 'x', 'j', 'x');
  await page.getByText('2 tasks selected').waitFor();

  await keys('g', 'q');
  await page.getByRole('link', { name: 'emails' }).waitFor();
  await keys('j', 'Enter');
  await page.getByRole('button', { name: 'Pause…' }).waitFor();
  await keys('p');
  await page.getByRole('dialog').waitFor();
  await keys('Enter');
  await until('it is paused', async () => (await stack.call('GET', 'queues/emails')).paused);
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await keys('e');
  await page.getByRole('form', { name: 'Limits' }).waitFor();
  await page.getByRole('group', { name: 'The queue' }).getByLabel('Run at once').focus();
  await type('3');
  await keys('Enter');
  await until('the limit is 3', async () => (await stack.call('GET', 'queues/emails')).concurrency === 3);
  await page.getByRole('form', { name: 'Limits' }).waitFor({ state: 'detached' });

  await keys('g', 's');
  await page.getByRole('link', { name: 'nightly' }).waitFor();
  await keys('j', 'Enter');
  await page.getByRole('button', { name: 'Edit' }).waitFor();
  await keys('e');
  await page.getByLabel('Cron').focus();
  await keys('Control+a');
  await type('30 4 * * *');
  await keys('Enter');
  await page.getByText('at 04:30 every day').waitFor();

  await keys('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await keys('Escape', 'g', 'o');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('the focus stays on its row while the list changes', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/tasks?queue=moving' });
  const submit = () => stack.call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'moving', delay_seconds: 3600 });
  const { id } = await submit();
  await page.locator(`a[href="#/tasks/${id}"]`).waitFor();
  await page.keyboard.press('j');
  const { id: newer } = await submit();
  await page.locator(`a[href="#/tasks/${newer}"]`).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), `#/tasks/${id}`);
});

test('letters typed into a field do nothing else', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/submit' });
  await page.getByRole('textbox', { name: 'Handler' }).fill('');
  await page.keyboard.type('g t ? j /');
  assert.equal(await page.getByRole('textbox', { name: 'Handler' }).inputValue(), 'g t ? j /');
  assert.match(page.url(), /#\/submit$/);
});

test('the first Tab offers to skip the navigation', async (t) => {
  const page = await open(t, browser, stack.url);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
});
