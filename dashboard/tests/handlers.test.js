/** The overview tells which handlers the programs of the stack have, and what a program must do to appear. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handlersOf } from '../page/handlers.js';
import { accessible, fits, open } from './browser.js';
import { browser, stack } from './running.js';
import { startStack } from './stack.js';

const SHIPPED = ['echo', 'fail', 'hash', 'sleep'];

const panel = (page) => page.getByRole('region', { name: 'Handlers', exact: true });
/** The cells of each row. */
const rows = (page) =>
  panel(page)
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));

/** A page on a phone, for which these are the programs of the stack. */
async function openWith(t, programs, scheme) {
  const page = await open(t, browser, stack.url, { hash: '#/about', width: 375, scheme });
  await page.route('**/v1/stats', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), programs } });
  });
  await page.getByRole('link', { name: 'Overview' }).click();
  return page;
}

test('a handler counts its programs and those that run, and was seen when the last of them was', () => {
  const program = (handlers, running, at) => ({ handlers, running, last_seen_at: `2026-12-01T12:00:${at}.000Z` });
  const told = handlersOf([
    program(['b', 'c'], true, '30'),
    program(['a', 'b'], true, '20'),
    program(['B', 'a', 'b', 'constructor'], false, '10'),
  ]).map(({ name, programs, running, seen }) => [name, programs, running, seen.slice(17, 19)]);
  assert.deepEqual(told, [
    ['B', 1, 0, '10'],
    ['a', 2, 1, '20'],
    ['b', 3, 2, '30'],
    ['c', 1, 1, '30'],
    ['constructor', 1, 0, '10'],
  ]);
  assert.deepEqual(handlersOf([]), []);
});

test('the handlers of the stack are there before its first task, and after', async (t) => {
  const fresh = await startStack();
  const page = await open(t, browser, fresh.url);
  await page.getByRole('heading', { name: 'No task yet' }).waitFor();
  await panel(page).getByRole('row', { name: /^echo/ }).waitFor();
  await accessible(page, 'handlers before the first task');
  await fresh.call('POST', 'tasks', { target: { handler: 'echo' } });
  await page.getByRole('heading', { name: 'Lanes' }).waitFor();
  const told = await rows(page);
  assert.deepEqual(
    told.map((cells) => cells.slice(0, 3)),
    SHIPPED.map((name) => [name, '1', '1']),
  );
  for (const [, , , seen] of told) assert.match(seen, /^(now|[\d.]+ (s|min) ago)$/);
  await accessible(page, 'handlers');
});

test('the time at which a handler was seen is exact in its title', async (t) => {
  const page = await open(t, browser, stack.url, { width: 375, scheme: 'dark' });
  const time = panel(page)
    .getByRole('row', { name: /^sleep/ })
    .locator('time');
  const at = await time.getAttribute('datetime');
  const { programs } = await stack.call('GET', 'stats');
  assert.deepEqual(programs[0].handlers, SHIPPED);
  // The stack is seen again each 30 s.
  assert.ok(Math.abs(Date.parse(programs[0].last_seen_at) - Date.parse(at)) < 35_000, at);
  assert.ok((await time.getAttribute('title')).endsWith(`(${at})`));
  await accessible(page, 'handlers on a phone');
  await fits(page, 'handlers on a phone');
});

test('handlers of several programs fit a phone, whatever their names are', async (t) => {
  await stack.call('POST', 'tasks', { target: { handler: 'echo' } });
  const long = `send_${'w'.repeat(59)}`;
  const seen = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  const times = { first_seen_at: seen(1_000_000), running: false };
  const page = await openWith(t, [
    { ...times, handlers: ['echo', long], running: true, last_seen_at: seen(100) },
    { ...times, handlers: ['echo', 'resize_image'], last_seen_at: seen(400_000) },
  ]);
  await panel(page)
    .getByRole('row', { name: /^resize_image/ })
    .waitFor();
  assert.deepEqual(
    (await rows(page)).map(([name, programs, running, at]) => [name, programs, running, at.replace(/[\d.]+/, '#')]),
    [
      ['echo', '2', '1', '# min ago'],
      ['resize_image', '1', '0', '# d ago'],
      [long, '1', '1', '# min ago'],
    ],
  );
  await accessible(page, 'handlers of several programs');
  await fits(page, 'handlers of several programs');
});

test('without a program, the page says what one must do to appear', async (t) => {
  const page = await openWith(t, [], 'dark');
  await panel(page).getByText('No program has announced handlers within the last week.').waitFor();
  await panel(page).getByRole('region', { name: 'A worker with the shipped handlers' }).getByText('taskway worker').waitFor();
  await accessible(page, 'no handlers');
  await fits(page, 'no handlers');
});

test('an API that does not tell its programs has no empty list of them', async (t) => {
  const page = await openWith(t, undefined);
  await page.getByRole('heading', { name: /Lanes|No task yet/ }).waitFor();
  await page.waitForResponse('**/v1/stats');
  assert.equal(await panel(page).count(), 0);
});
