/** Every label can be typed as a filter, also one with `=` or a backslash in its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelOf, labelText } from '../page/labels.js';
import { accessible, open } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

test('a label is read as the command line reads it', () => {
  for (const [text, name, value] of [
    ['team=growth', 'team', 'growth'],
    ['team=', 'team', ''],
    ['team=a=b', 'team', 'a=b'],
    [' a b = c d ', 'a b', 'c d'],
    ['a\\=b=c', 'a=b', 'c'],
    ['\\==\\=', '=', '\\='],
    ['a\\\\=b', 'a\\', 'b'],
    ['a\\\\\\=b=c', 'a\\=b', 'c'],
    ['C:\\dir=\\\\', 'C:\\dir', '\\\\'],
  ]) {
    assert.deepEqual(labelOf(text), [name, value], text);
    assert.deepEqual(labelOf(labelText(name, value)), [name, value], text);
  }
  for (const wrong of ['', 'team', '=growth', ' =growth', 'a\\=b', '\\=', 'a\\']) assert.equal(labelOf(wrong), null, wrong);
});

test('a label with = in its name and its value filters tasks and dead letters, together with another', async (t) => {
  const submit = (handler, payload, labels, more) =>
    stack.call('POST', 'tasks', { target: { handler }, payload, labels, ...more });
  const later = { delay_seconds: 3600 };
  const found = await submit('echo', null, { 'a=b': 'c=d', 'C:\\': 'x' }, later);
  await submit('echo', null, { a: 'b=c=d' }, later);
  await submit('echo', null, { 'a=b': 'c=d' }, later);
  const failed = await submit('fail', { fatal: true }, { 'a=b': 'c=d' });
  await submit('fail', { fatal: true }, { a: 'b=c=d' });
  await until('both failed', async () => (await stack.call('GET', 'dead')).tasks.length === 2);

  const page = await open(t, browser, stack.url, { hash: '#/tasks' });
  const type = async (text) => {
    await page.getByRole('textbox', { name: 'Label' }).fill(text);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `Remove the label ${text}`, exact: true }).waitFor();
  };
  await type('a\\=b=c=d');
  await type('C:\\\\=x');
  await until('one task is left', async () => (await page.locator('tbody tr').count()) === 1);
  await page.locator(`a[href="#/tasks/${found.id}"]`).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Remove the label a\\=b=c=d', exact: true }).waitFor();
  await until('one task is left', async () => (await page.locator('tbody tr').count()) === 1);

  await page.goto(`${stack.url}/#/dead`);
  await page.getByText('2 failed tasks').waitFor();
  await type('a\\=b=c=d');
  await page.getByText('1 failed task in').waitFor();
  await page.getByRole('link', { name: /failing attempt/ }).click();
  await page.locator(`a[href="#/tasks/${failed.id}"]`).waitFor();
  // What a change of all that match says and asks for has the same label.
  await page.getByRole('button', { name: 'Redrive all that match…' }).click();
  await page.getByRole('dialog').getByText('with a\\=b=c=d').waitFor();
  await page.getByRole('dialog').getByText('1 task', { exact: true }).waitFor();
});

test('a label may have no value, and text that is no label says so', async (t) => {
  const submit = (empty) =>
    stack.call('POST', 'tasks', { target: { handler: 'echo' }, queue: 'values', labels: { empty }, delay_seconds: 3600 });
  const { id } = await submit('');
  await submit('not');
  const page = await open(t, browser, stack.url, { hash: '#/tasks?queue=values' });
  const rows = (count) => until(`${count} are listed`, async () => (await page.locator('tbody tr').count()) === count);
  await rows(2);
  const field = page.getByRole('textbox', { name: 'Label' });
  await field.fill('empty');
  await field.press('Enter');
  await page.getByRole('alert').getByText('Type name=value').waitFor();
  await accessible(page, 'a label that is none');
  await field.fill('empty=');
  assert.equal(await page.getByRole('alert').count(), 0);
  await field.press('Enter');
  await rows(1);
  await page.reload();
  await rows(1);
  // The count of a change is of what the list shows.
  await page.getByRole('button', { name: 'Cancel all that match…' }).click();
  await page.getByRole('dialog').getByText('with empty=').waitFor();
  await page.getByRole('dialog').getByText('1 task', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${stack.url}/#/tasks/${id}`);
  await page.getByRole('link', { name: 'no value' }).click();
  await page.getByRole('button', { name: 'Remove the label empty=', exact: true }).waitFor();
});
