/** How much the page asks for, and how much it loads. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { open } from './browser.js';
import { browser, stack } from './running.js';
import { fill } from './world.js';

/** All that the page loads, gzipped. */
const LARGEST = 120 * 1024;
const MOST_A_SECOND = 2;

let tasks;

before(async () => {
  tasks = await fill(stack);
});

/** The most requests in any second. A browser's event comes some ms early or late. */
function most(asked) {
  return Math.max(0, ...asked.map(({ at }, index) => asked.slice(index).filter((other) => other.at - at < 950).length));
}

test('all screens together are small', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about' });
  const files = [...new Set(page.asked.map(({ line }) => line.split(' ')[1]))].filter((path) => path !== '/ui.json');
  let [plain, gzipped] = [0, 0];
  for (const path of files) {
    const body = Buffer.from(await (await fetch(stack.url + path)).arrayBuffer());
    plain += body.length;
    gzipped += gzipSync(body).length;
  }
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  console.log(
    `the page loads ${files.length} files: ${kilobytes(plain)}, gzipped ${kilobytes(gzipped)} of ${kilobytes(LARGEST)}`,
  );
  assert.ok(files.length >= 4, files.join(' '));
  assert.ok(gzipped <= LARGEST, `${gzipped}`);
  // No screen loads anything later.
  for (const hash of ['#/', '#/tasks', '#/queues/narrow', '#/schedules/nightly', '#/submit', `#/tasks/${tasks.failed.id}`]) {
    await page.evaluate((to) => {
      window.location.hash = to;
    }, hash);
    await page.locator('h1').waitFor();
  }
  const later = page.asked
    .map(({ line }) => line.split(' ')[1])
    .filter((path) => !path.startsWith('/v1/') && !files.includes(path));
  assert.deepEqual([...new Set(later)], ['/ui.json']);
});

test('what a screen shows first is asked for before the page is loaded, and once', async (t) => {
  const firsts = {
    '': '/v1/stats',
    '#/tasks?state=failed&label.tenant=acme': '/v1/dead?',
    '#/queues/narrow': '/v1/queues/narrow',
  };
  for (const [hash, path] of Object.entries({ ...firsts, [`#/tasks/${tasks.failed.id}`]: `/v1/tasks/${tasks.failed.id}` })) {
    const page = await open(t, browser, stack.url, { hash });
    // Nobody asks until the page is opened again.
    await page.goto('about:blank');
    const asked = [];
    let appAt = Number.POSITIVE_INFINITY;
    page.on('request', (request) => {
      if (request.url().startsWith(stack.url + path)) asked.push(Date.now() - appAt);
    });
    await page.route('**/app.js', async (route) => {
      // The rest of the page comes when the request was seen, or too late for it.
      for (let waited = 0; asked.length === 0 && waited < 10_000; waited += 50) await sleep(50);
      appAt = Date.now();
      await route.continue();
    });
    await page.goto(`${stack.url}/${hash}`);
    await page.locator('h1').waitFor();
    await sleep(1000);
    const [first, ...later] = asked;
    assert.equal(first, Number.NEGATIVE_INFINITY, `${hash}: ${path} is asked before the page is there`);
    // What is asked later is asked again, two seconds after the page has the first answer.
    assert.ok(
      later.every((after) => after >= 1900),
      `${hash}: ${path} ${later}`,
    );
    await page.close();
  }
});

test('no screen asks more than twice a second', async (t) => {
  const screens = {
    overview: '',
    tasks: '#/tasks',
    queues: '#/queues',
    queue: '#/queues/narrow',
    task: `#/tasks/${tasks.running.id}`,
  };
  for (const [name, hash] of Object.entries({ ...screens, 'dead letters': '#/dead', schedules: '#/schedules' })) {
    const page = await open(t, browser, stack.url, { hash });
    // A screen asks for all it shows at once when it is opened.
    await sleep(1500);
    const start = page.asked.length;
    // Screens that change little ask four to six times a minute.
    const seconds = name in screens ? 6 : 16;
    await sleep(seconds * 1000);
    const asked = page.asked.slice(start);
    console.log(`${name}: ${Math.round((asked.length / seconds) * 60)} requests a minute, at most ${most(asked)} a second`);
    assert.ok(asked.length > 0, `${name} follows the stack`);
    assert.ok(most(asked) <= MOST_A_SECOND, JSON.stringify(asked));
    await page.close();
  }
});

test('nothing is asked while the page is hidden, or stopped', async (t) => {
  const page = await open(t, browser, stack.url);
  await page.getByRole('link', { name: 'emails' }).first().waitFor();
  // Headless Chromium shows every page, so the page is told.
  const show = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (value ? 'hidden' : 'visible') });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  const during = async (ms) => {
    const start = page.asked.length;
    await sleep(ms);
    return page.asked.slice(start).map(({ line }) => line);
  };
  await show(true);
  await sleep(500);
  assert.deepEqual(await during(5000), []);
  await show(false);
  assert.notDeepEqual(await during(3000), []);
  await page.keyboard.press('l');
  await page.getByText('stopped').waitFor();
  await sleep(500);
  assert.deepEqual(await during(3000), []);
  await page.keyboard.press('l');
  assert.notDeepEqual(await during(3000), []);
});
