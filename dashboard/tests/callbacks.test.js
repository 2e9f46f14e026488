/** A task that others follow: its screen lists them. A task that is submitted again keeps its callbacks and labels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { member } from '../page/json.js';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

const BIG = '12345678901234567890';

test('a task lists the callbacks that it has had, and each leads back', async (t) => {
  const target = { handler: 'echo' };
  const task = await stack.call('POST', 'tasks', {
    target,
    on_success: { target, queue: 'after', labels: { step: 'publish' } },
  });
  const children = () => stack.call('GET', `tasks?parent_id=${task.id}`);
  const [child] = await until('the callback is made', async () => {
    const { tasks } = await children();
    return tasks.length > 0 && tasks;
  });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${task.id}` });
  const callbacks = page.getByRole('region', { name: 'Callbacks' });
  await callbacks.getByRole('link', { name: child.id }).waitFor();
  await callbacks.getByText('step=publish').waitFor();
  await accessible(page, 'a task with a callback');
  await callbacks.getByRole('link', { name: child.id }).click();
  await page.getByRole('link', { name: task.id }).waitFor();
  assert.equal(await page.getByRole('region', { name: 'Callbacks' }).count(), 0, 'a callback has none');
});

test('a task says that no callback was made yet, also on a phone', async (t) => {
  const target = { handler: 'echo' };
  const { id } = await stack.call('POST', 'tasks', { target, delay_seconds: 3600, on_failure: { target } });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}`, width: 375, height: 800, scheme: 'dark' });
  await page.getByRole('region', { name: 'Callbacks' }).getByText('None has been made so far.').waitFor();
  await accessible(page, 'a task without a callback so far');
  await fits(page, 'a task without a callback so far');
});

test('a task without callbacks is not asked for any', async (t) => {
  const { id } = await stack.call('POST', 'tasks', { target: { handler: 'echo' }, delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  await page.getByRole('heading', { name: 'Payload' }).waitFor();
  assert.deepEqual(
    page.asked.filter(({ line }) => line.includes('parent_id')),
    [],
  );
});

test('a task that is submitted again keeps its callbacks, and every digit of theirs', async (t) => {
  const target = { handler: 'echo' };
  const on_failure = { target, labels: { step: 'tell' } };
  const body = `{"target":{"handler":"echo"},"on_success":{"target":{"handler":"echo"},"payload":${BIG}},"on_failure":${JSON.stringify(on_failure)},"delay_seconds":3600}`;
  const headers = { 'content-type': 'application/json' };
  const { id } = await (await fetch(`${stack.url}/v1/tasks`, { method: 'POST', headers, body })).json();
  const page = await open(t, browser, stack.url, { hash: `#/submit?from=${id}` });
  await page.getByLabel('After a failure').fill('{"target": ');
  assert.ok(await page.getByRole('button', { name: 'Submit the task' }).isDisabled(), 'a callback that is not JSON');
  await page.getByLabel('After a failure').fill('');
  await page.getByLabel('Delay in seconds').fill('3600');
  await page.getByRole('button', { name: 'Submit the task' }).click();
  await page.getByText('Accepted.').waitFor();
  await page.waitForURL(/#\/tasks\//);
  const again = page.url().split('/').at(-1);
  assert.notEqual(again, id);
  const text = await (await fetch(`${stack.url}/v1/tasks/${again}`)).text();
  assert.equal(member(member(text, 'on_success'), 'payload'), BIG);
  assert.equal(member(text, 'on_failure'), 'null');
});

test('a task that is submitted again keeps a label with = in its name', async (t) => {
  const labels = { 'a=b': 'c=d' };
  const { id } = await stack.call('POST', 'tasks', { target: { handler: 'echo' }, labels, delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: `#/submit?from=${id}` });
  await page.getByRole('button', { name: 'Submit the task' }).click();
  await page.waitForURL(/#\/tasks\//);
  assert.deepEqual((await stack.call('GET', `tasks/${page.url().split('/').at(-1)}`)).labels, labels);
});
