// Makes the pictures of docs/dashboard.md, of a stack with some work in it.
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from './tests/browser.js';
import { startStack } from './tests/stack.js';

const OUT = new URL('../docs/dashboard/', import.meta.url);
/** How long work comes in before the first picture, so that the lines have something to show. */
const SECONDS = 75;

/** What an operator may have saved. */
const VIEWS = [
  { name: 'Acme failed', queue: '', state: 'failed', labels: [['tenant', 'acme']] },
  { name: 'Newsletters that wait', queue: 'newsletters', state: 'scheduled', labels: [] },
];

const stack = await startStack();
const browser = await launch();
try {
  await mkdir(OUT, { recursive: true });
  const failed = await work(stack);
  const desk = { width: 1280, height: 760 };
  const page = await browser.newPage({ viewport: desk, colorScheme: 'light', timezoneId: 'Europe/Dublin', locale: 'en-GB' });
  await page.addInitScript((views) => localStorage.setItem('taskway.views', JSON.stringify(views)), VIEWS);
  await page.goto(stack.url);
  await busy(stack, SECONDS);
  const picture = async (name, hash, { look = page, act } = {}) => {
    await look.goto(`${stack.url}/${hash}`);
    await look.locator('h1').waitFor();
    await sleep(2500);
    await act?.(look);
    // No row is marked by a pointer.
    await look.mouse.move(0, 0);
    await look.screenshot({ path: new URL(`${name}.png`, OUT).pathname });
  };
  // Reached within the page, which keeps its lines.
  await page.screenshot({ path: new URL('overview.png', OUT).pathname });
  await picture('tasks', '#/tasks?state=failed&label.tenant=acme', {
    act: async (look) => {
      const boxes = look.locator('tbody input[type=checkbox]');
      for (let at = 0; at < 3; at += 1) await boxes.nth(at).check();
    },
  });
  await picture('dead', '#/dead');
  await picture('schedule', '#/schedules/nightly-report');
  const dark = await browser.newPage({ viewport: desk, colorScheme: 'dark', timezoneId: 'Europe/Dublin', locale: 'en-GB' });
  await picture('task', `#/tasks/${failed}`, { look: dark });
  await picture('queue', '#/queues/payments', { look: dark });
  const phone = await browser.newPage({ viewport: { width: 375, height: 760 }, colorScheme: 'light', deviceScaleFactor: 2 });
  await picture('phone', '#/tasks', { look: phone });
} finally {
  await browser.close();
  await stack.stop();
}

/** What stands still: limits, a pause, schedules, failures of several kinds. Returns the id of a failed task. */
async function work({ call }) {
  await call('PUT', 'queues/payments', {
    concurrency: 6,
    rate: { tasks: 200, per_seconds: 60, burst: 10 },
    per_key: { concurrency: 2, rate: null },
  });
  await call('PUT', 'queues/newsletters', { paused: true });
  const schedule = (handler, more) => ({ ...more, task: { target: { handler }, queue: 'reports', payload: { seconds: 2 } } });
  await call('PUT', 'schedules/nightly-report', schedule('sleep', { cron: '30 2 * * 1-5', time_zone: 'Europe/Berlin' }));
  await call('PUT', 'schedules/cleanup', schedule('sleep', { every_seconds: 900 }));
  const tenants = ['acme', 'initech', 'globex', 'umbrella'];
  const many = (count, one) => call('POST', 'tasks/batch', { tasks: Array.from({ length: count }, (_, at) => one(at)) });
  const label = (at) => ({ tenant: tenants[at % tenants.length] });
  await many(40, (at) => ({ target: { handler: 'echo' }, queue: 'newsletters', payload: { at }, labels: label(at) }));
  await many(18, (at) => ({
    target: { handler: 'sleep' },
    queue: 'payments',
    payload: { seconds: 900 },
    timeout_seconds: 1200,
    fairness_key: tenants[at % 3],
  }));
  await many(23, (at) => ({ target: { handler: 'fail' }, queue: 'emails', payload: { fatal: true }, labels: label(at) }));
  const { id } = await call('POST', 'tasks', {
    target: { handler: 'fail' },
    queue: 'emails',
    payload: { times: 9 },
    labels: { tenant: 'globex' },
    retry: { max_attempts: 3, max_backoff_seconds: 8 },
    on_failure: { target: { handler: 'echo' }, queue: 'images' },
  });
  await many(9, () => ({
    target: { http: { url: 'https://hooks.example/orders', headers: {} } },
    queue: 'webhooks',
    payload: { order: 7 },
    retry: { max_attempts: 1 },
  }));
  await many(4, () => ({ target: { handler: 'resize_image' }, queue: 'images', payload: { width: 640 } }));
  await many(30, (at) => ({ target: { handler: 'echo' }, queue: 'reminders', payload: null, delay_seconds: 300 + at * 60 }));
  await sleep(3000);
  return id;
}

/** Work that comes and goes. */
async function busy({ call }, seconds) {
  for (let second = 0; second < seconds; second += 1) {
    const wave = Math.round(25 + 20 * Math.sin(second / 6));
    const tasks = Array.from({ length: wave }, (_, at) => ({
      target: { handler: 'sleep' },
      queue: at % 3 === 0 ? 'emails' : 'images',
      priority: at % 5 === 0 ? 'high' : 'normal',
      payload: { seconds: 0.5 + (at % 5) },
    }));
    await call('POST', 'tasks/batch', { tasks });
    if (second % 20 === 10)
      await call('POST', 'tasks', { target: { handler: 'fail' }, queue: 'emails', payload: { fatal: true } });
    await sleep(1000);
  }
}
