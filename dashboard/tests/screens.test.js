/** Each screen shows what it should, is accessible in both schemes, and fits a phone. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, fits, open, serveModule } from './browser.js';
import { browser, stack } from './running.js';
import { startStack, until } from './stack.js';
import { fill, MARKER } from './world.js';

let tasks;

before(async () => {
  tasks = await fill(stack);
});

const shown = (page, text) => page.getByText(text).first().waitFor();

const SCREENS = {
  Overview: {
    hash: () => '',
    see: async (page) => {
      await page.getByRole('link', { name: 'emails' }).first().waitFor();
      await shown(page, 'handler: failing attempt #, as told');
      await page.locator('.tile', { hasText: 'Running' }).locator('.big').waitFor();
      const still = page.getByRole('row', { name: /^still/ });
      await still.getByText('paused').waitFor();
      // The page asks for one queue after another.
      await page.getByRole('row', { name: /tenant-7/ }).waitFor({ timeout: 20_000 });
      await page
        .getByRole('row', { name: /^emails/ })
        .getByRole('link', { name: '6' })
        .waitFor({ timeout: 20_000 });
    },
  },
  Tasks: {
    hash: () => '#/tasks',
    see: async (page) => {
      for (const state of ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired']) {
        await page.locator(`tbody .state.${state}`).first().waitFor({ state: 'attached' });
      }
    },
  },
  Task: {
    hash: () => `#/tasks/${tasks.succeeded.id}`,
    see: async (page) => {
      await page.getByRole('region', { name: 'Payload' }).getByText(MARKER.replaceAll('"', '\\"')).waitFor();
      await page.getByRole('region', { name: 'Result' }).waitFor();
    },
  },
  'Failed task': {
    hash: () => `#/tasks/${tasks.unknown.id}`,
    see: (page) => shown(page, 'no handler is named missing'),
  },
  'Dead letters': {
    hash: () => '#/dead',
    see: async (page) => {
      await shown(page, '6 failed tasks in 2 groups');
      await page.getByRole('link', { name: /failing attempt/ }).click();
      await page.locator(`a[href="#/tasks/${tasks.failed.id}"]`).waitFor();
    },
  },
  Queues: { hash: () => '#/queues', see: (page) => page.getByRole('link', { name: 'narrow' }).waitFor() },
  Queue: {
    hash: () => '#/queues/narrow',
    see: async (page) => {
      await shown(page, '100 per 60 s, burst 10');
      await page
        .getByRole('row', { name: /tenant-7/ })
        .getByText('1 / 1')
        .waitFor();
      await page.getByRole('button', { name: 'Change limits' }).click();
      assert.equal(await page.getByRole('group', { name: 'The queue' }).getByLabel('Run at once').inputValue(), '4');
    },
  },
  Schedules: { hash: () => '#/schedules', see: (page) => shown(page, 'at 02:30 on Monday to Friday, Europe/Berlin time') },
  Schedule: {
    hash: () => '#/schedules/nightly',
    see: async (page) => {
      await shown(page, 'The day of the week `1-5` is MON-FRI here');
      const runs = page
        .getByRole('region')
        .or(page.locator('.panel', { hasText: 'Next runs' }))
        .getByRole('row');
      assert.equal(await runs.count(), 6);
      const text = await runs.nth(1).textContent();
      // 02:30 in Berlin is 20:30 or 21:30 in New York, where this browser is.
      assert.match(text, / 02:30:00 \+0[12]:00/);
      assert.match(text, /2[01]:30:00/);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Cron').waitFor();
    },
  },
  'New schedule': { hash: () => '#/schedules/new', see: (page) => page.getByLabel('Name', { exact: true }).waitFor() },
  Submit: { hash: () => '#/submit', see: (page) => page.getByRole('textbox', { name: 'Payload' }).waitFor() },
  About: {
    hash: () => '#/about',
    see: async (page) => {
      await shown(page, 'taskway dev: the embedded stack');
      await shown(page, stack.url);
      // A worker tells first after 15 s.
      await page.getByRole('row', { name: /^20\d\d-\d\d( [1-9][\d,.]*){3}$/ }).waitFor({ timeout: 70_000 });
    },
  },
  'No such screen': { hash: () => '#/nowhere', see: (page) => shown(page, 'There is no such screen.') },
};

for (const [name, { hash, see }] of Object.entries(SCREENS)) {
  test(`${name}: shows it, light`, async (t) => {
    const page = await open(t, browser, stack.url, { hash: hash() });
    await see(page);
    await accessible(page, name);
  });
  test(`${name}: dark, on a phone`, async (t) => {
    const page = await open(t, browser, stack.url, { hash: hash(), width: 375, height: 800, scheme: 'dark' });
    await see(page);
    await accessible(page, name);
    await fits(page, name);
  });
}

test('the list of keys and a question are accessible, also on a phone', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/queues/still', width: 375 });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await accessible(page, 'keys');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Purge…' }).click();
  await page.getByRole('dialog', { name: 'Purge still?' }).getByText('1 task').waitFor();
  await accessible(page, 'question');
  await fits(page, 'question');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a new stack says what to paste', async (t) => {
  const empty = await startStack();
  for (const hash of ['', '#/tasks', '#/queues']) {
    const page = await open(t, browser, empty.url, { hash });
    await page.getByRole('heading', { name: 'No task yet' }).waitFor();
    await page.getByText(`taskway --url ${empty.url} submit echo`).waitFor();
    await accessible(page, `empty ${hash}`);
  }
  for (const [hash, text] of [
    ['#/dead', 'No task has failed'],
    ['#/schedules', 'No schedule yet'],
  ]) {
    const page = await open(t, browser, empty.url, { hash });
    await page.getByRole('heading', { name: text }).waitFor();
    await accessible(page, `empty ${hash}`);
  }
});

test('a payload that is a page does nothing', async (t) => {
  for (const hash of [`#/tasks/${tasks.succeeded.id}`, `#/tasks/${tasks.unknown.id}`, `#/submit?from=${tasks.succeeded.id}`]) {
    const page = await open(t, browser, stack.url, { hash });
    await page.waitForLoadState('networkidle');
    assert.notEqual(await page.title(), 'run');
    assert.equal(await page.locator('main img').count(), 0);
    const said = await page.locator('main').evaluate((main) => {
      const fields = [...main.querySelectorAll('textarea')].map(({ value }) => value);
      return [main.textContent, ...fields].join('\n');
    });
    assert.ok(said.includes('<img src=x'), hash);
  }
});

test('a queued task shows when it is due', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/tasks?state=queued' });
  await page
    .getByRole('row', { name: tasks.queued.id })
    .getByText(/^in [\d.]+ (min|s)$/)
    .waitFor();
});

test('a gauge has no number before it is known', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about' });
  // Requests for the counts of this queue get no answer.
  await page.route('**/v1/queues/narrow', () => {});
  await page.getByRole('link', { name: 'Queues' }).click();
  await page
    .getByRole('row', { name: /^narrow/ })
    .getByText('– / 4')
    .waitFor();
});

test('on a phone no table is wider than its place, whatever names it has', async (t) => {
  const long = await startStack();
  const queue = 'transactional-emails.eu-central-1.high-volume';
  const key = 'customer-0123456789-0123456789-0123456789';
  const limits = {
    concurrency: 1000,
    rate: { tasks: 100_000, per_seconds: 3600, burst: 1000 },
    per_key: { concurrency: 1, rate: null },
  };
  await long.call('PUT', `queues/${queue}`, limits);
  await long.call('PUT', 'queues/newsletters-of-all-tenants', { paused: true, rate: limits.rate });
  const url = 'https://hooks.example/a/rather/long/path/that-has-no-place-to-break-at';
  const tasks = [
    ...Array(3).fill({
      target: { handler: 'sleep' },
      payload: { seconds: 600 },
      queue,
      fairness_key: key,
      timeout_seconds: 900,
    }),
    { target: { http: { url } }, queue: 'newsletters-of-all-tenants', delay_seconds: 3600 },
    { target: { handler: 'fail' }, payload: { fatal: true }, queue },
  ];
  await long.call('POST', 'tasks/batch', { tasks });
  await long.call('PUT', 'schedules/nightly-report-of-all-tenants.eu-central-1', {
    cron: '30 2 * * 1-5',
    time_zone: 'America/Argentina/ComodRivadavia',
    task: { target: { handler: 'echo' } },
  });
  await until('a key holds', async () => (await long.call('GET', `queues/${queue}`)).keys?.some(({ held }) => held > 0));
  for (const hash of [
    '',
    '#/queues',
    `#/queues/${queue}`,
    '#/schedules',
    '#/schedules/nightly-report-of-all-tenants.eu-central-1',
    '#/tasks',
    '#/dead',
  ]) {
    const page = await open(t, browser, long.url, { hash, width: 375 });
    if (hash === '#/dead') await page.getByRole('link', { name: /failing attempt/ }).click();
    if (hash === '' || hash === '#/queues') await page.getByRole('meter').first().waitFor();
    if (hash === '') await page.getByRole('row', { name: new RegExp(`^${key}`) }).waitFor();
    await page.locator('main table').first().waitFor();
    const tables = await page
      .locator('main table')
      .evaluateAll((all) => all.map((table) => [table.scrollWidth, table.parentElement.clientWidth, table.textContent]));
    for (const [wide, place, text] of tables) assert.ok(wide <= place, `${hash}: ${wide} px in ${place} px: ${text}`);
    await fits(page, hash);
    await page.close();
  }
});

test('failures of minutes that the page does not read are not told as none', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about' });
  await serveModule(page, 'failures.js');
  const counted = await page.evaluate(async () => {
    const { perMinute } = await import('/failures.js');
    const now = Date.parse('2026-12-01T12:00:00Z');
    const tasks = [10, 50, 70, 130].map((seconds) => ({ finished_at: new Date(now - seconds * 1000).toISOString() }));
    return [null, 'more'].map((next_cursor) => perMinute({ tasks, next_cursor }, 5, now));
  });
  assert.deepEqual(counted, [
    [0, 0, 1, 1, 2],
    [null, null, { at_least: 1 }, 1, 2],
  ]);

  const many = await startStack();
  const tasks = Array.from({ length: 120 }, () => ({ target: { handler: 'fail' }, payload: { fatal: true } }));
  await many.call('POST', 'tasks/batch', { tasks });
  await until('they failed', async () => (await many.call('GET', 'dead?limit=500')).tasks.length === 120);
  const overview = await open(t, browser, many.url);
  const tile = overview.locator('.tile', { hasText: 'Failures' });
  await tile.getByText('100+', { exact: true }).waitFor();
  await tile.getByRole('img', { name: /^Failures: 100\+ in the latest minute, at most 100\+ in one of 1$/ }).waitFor();
});

test('on a phone, the way to the screens shows where the reader is', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/about', width: 375 });
  const [left, right] = await page.locator('nav [aria-current]').evaluate((link) => {
    const { left, right } = link.getBoundingClientRect();
    return [left, right];
  });
  assert.ok(left >= 0 && right <= 375, `${left} to ${right}`);
});

test('times are relative, and exact in the title', async (t) => {
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${tasks.scheduled.id}` });
  const due = page.locator('.timeline time').nth(1);
  assert.match(await due.textContent(), /^in (23|1) [hd]$/);
  const { run_at: at } = await stack.call('GET', `tasks/${tasks.scheduled.id}`);
  assert.equal(await due.getAttribute('datetime'), at);
  assert.ok((await due.getAttribute('title')).includes(at));
});

test('a task that does not exist is told with what to do', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/tasks/nothing', expected: /404/ });
  await page
    .getByRole('alert')
    .getByText('Its record')
    .or(page.getByRole('alert').getByText('It may have been deleted'))
    .waitFor();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
});
