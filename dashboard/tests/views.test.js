/** Filters are kept in the browser under a name, without a mouse, and nothing else is. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';
import { startUi } from './stack.js';

let reader;

before(async () => {
  reader = await startUi(stack.url, ['--read-only']);
  for (const tenant of ['acme', 'initech']) {
    const task = { target: { handler: 'echo' }, payload: { secret: 's3cr3t' }, queue: 'emails', labels: { tenant } };
    await stack.call('POST', 'tasks', { ...task, delay_seconds: 3600 });
  }
});

const ACME = '#/tasks?queue=emails&state=scheduled&label.tenant=acme';
const saved = (page) => page.getByRole('navigation', { name: 'Saved views' });
const stored = (page) => page.evaluate(() => ({ ...localStorage }));
const focused = (page) => page.evaluate(() => document.activeElement.className);

test('a view is saved, opened and deleted by keys, on each server', async (t) => {
  for (const { url } of [stack, reader]) {
    const page = await open(t, browser, url, { hash: ACME });
    await page.locator('tbody tr').waitFor();
    assert.equal(await saved(page).count(), 0);
    await page.keyboard.press('v');
    await page.getByRole('form', { name: 'Save as a view' }).waitFor();
    await page.keyboard.type('Acme, waiting');
    await accessible(page, 'a view is named');
    await page.keyboard.press('Enter');
    const link = saved(page).getByRole('link', { name: 'Acme, waiting' });
    await link.waitFor();
    assert.equal(await link.getAttribute('aria-current'), 'true');
    assert.equal(await page.getByRole('button', { name: 'Save as a view…' }).count(), 0, 'it is saved already');
    assert.equal(await focused(page), 'views');
    const view = { name: 'Acme, waiting', queue: 'emails', state: 'scheduled', labels: [['tenant', 'acme']] };
    assert.deepEqual(await stored(page), { 'taskway.views': JSON.stringify([view]) });

    await page.goto(`${url}/#/tasks`);
    await page.reload();
    await page.locator('tbody tr').nth(1).waitFor();
    assert.equal(await link.getAttribute('aria-current'), null);
    await link.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/${ACME}`);
    await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Delete the view Acme, waiting' }).focus();
    await page.keyboard.press('Enter');
    await saved(page).waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'views');
    assert.deepEqual(await stored(page), { 'taskway.views': '[]' });
  }
});

test('the same name replaces a view, and the order of labels makes no other', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/tasks?label.a=1&label.b=2' });
  const save = async (name) => {
    await page.getByRole('button', { name: 'Save as a view…' }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
  };
  await save('mine');
  await page.goto(`${stack.url}/#/tasks?label.b=2&label.a=1`);
  await saved(page).locator('[aria-current]').waitFor();
  await page.goto(`${stack.url}/#/tasks?queue=emails`);
  await save('mine');
  await saved(page).locator('[aria-current]').waitFor();
  assert.equal(await saved(page).getByRole('link').count(), 1);
});

test('a name is left by Escape, and views fit a phone', async (t) => {
  const page = await open(t, browser, stack.url, { hash: ACME, width: 375, scheme: 'dark' });
  const more = ['emails', 'a rather long name of a view that somebody gave it once'];
  const views = more.map((name) => ({ name, queue: name, state: '', labels: [] }));
  await page.evaluate(
    (all) => localStorage.setItem('taskway.views', JSON.stringify(all)),
    [...views, { name: 'broken' }, null],
  );
  await page.reload();
  await saved(page).waitFor();
  assert.equal(await saved(page).getByRole('link').count(), 2, 'what is no view is left out');
  await page.keyboard.press('v');
  await page.getByLabel('Name', { exact: true }).waitFor();
  await fits(page, 'a view is named');
  await page.keyboard.press('Escape');
  await page.getByRole('form', { name: 'Save as a view' }).waitFor({ state: 'detached' });
  await accessible(page, 'views');
  await fits(page, 'views');
});

test('a browser that keeps nothing is told what to do instead', async (t) => {
  const page = await open(t, browser, stack.url, { hash: ACME });
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await page.getByRole('button', { name: 'Save as a view…' }).waitFor();
  await page.keyboard.press('v');
  await page.keyboard.type('mine');
  await page.keyboard.press('Enter');
  await page.getByText('Keep the address as a bookmark instead.').waitFor();
});
