/** Each action, and its effect as the API tells it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, open } from './browser.js';
import { browser, stack } from './running.js';
import { until } from './stack.js';

const submit = (handler, payload, more = {}) => stack.call('POST', 'tasks', { target: { handler }, payload, ...more });
const stateOf = async (id) => (await stack.call('GET', `tasks/${id}`)).state;
const becomes = (id, state) => until(`${id} is ${state}`, async () => (await stateOf(id)) === state);

async function failed(count, queue, payload = { fatal: true }, more = {}) {
  const tasks = [];
  for (let at = 0; at < count; at += 1) tasks.push(await submit('fail', payload, { queue, ...more }));
  for (const { id } of tasks) await becomes(id, 'failed');
  return tasks;
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
/** Answers the question that is open. */
const yes = (page, name) => page.getByRole('dialog').getByRole('button', { name }).click();

test('a task is cancelled, after a question', async (t) => {
  const { id } = await submit('echo', null, { delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  await press(page, 'Cancel…');
  await yes(page, 'Leave it');
  assert.equal(await stateOf(id), 'scheduled');
  await press(page, 'Cancel…');
  await yes(page, 'Cancel the task');
  await page.locator('.head .state.cancelled').waitFor();
  assert.equal(await stateOf(id), 'cancelled');
  assert.ok(await page.getByRole('button', { name: 'Cancel…' }).isDisabled());
});

test('a waiting task is run now, and an ended one is retried', async (t) => {
  const { id } = await submit('echo', { n: 1 }, { delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  await press(page, 'Run now');
  await becomes(id, 'succeeded');
  await page.locator('.head .state.succeeded').waitFor();
  const before = await stack.call('GET', `tasks/${id}`);
  await press(page, 'Retry…');
  await yes(page, 'Start it again');
  await until('it ran again', async () => (await stack.call('GET', `tasks/${id}`)).finished_at > before.finished_at);
});

test('a conflict is told in the words of the API', async (t) => {
  const { id } = await submit('echo', null, { delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}`, expected: /409/ });
  await page.getByRole('button', { name: 'Run now' }).waitFor();
  // The page does not know yet that somebody else was faster.
  await page.keyboard.press('l');
  await stack.call('POST', `tasks/${id}/cancel`);
  await press(page, 'Run now');
  await page.locator('.toast.bad').getByText('cancelled').waitFor();
});

test('a task is submitted again with an edited payload, digit by digit', async (t) => {
  const text =
    '{"target":{"handler":"echo"},"queue":"again","labels":{"a":"b"},"retry":{"max_attempts":3},"payload":{"big":12345678901234567890,"x":1.0}}';
  const answer = await fetch(`${stack.url}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
  const { id } = await answer.json();
  const page = await open(t, browser, stack.url, { hash: `#/tasks/${id}` });
  await page.getByRole('link', { name: 'Edit and submit again' }).click();
  const payload = page.getByRole('textbox', { name: 'Payload' });
  assert.equal(await payload.inputValue(), '{\n  "big": 12345678901234567890,\n  "x": 1.0\n}');
  await payload.fill('{"big": 12345678901234567891');
  assert.ok(await page.getByRole('button', { name: 'Submit the task' }).isDisabled(), 'half a payload is not sent');
  await payload.fill('{"big": 12345678901234567891, "x": 1.0}');
  await press(page, 'Submit the task');
  await page.waitForURL(/#\/tasks\/t(?!.*from)/);
  const made = page.url().split('/').pop();
  assert.notEqual(made, id);
  const raw = await (await fetch(`${stack.url}/v1/tasks/${made}`)).text();
  assert.ok(raw.includes('"payload":{"big": 12345678901234567891, "x": 1.0}'), raw);
  const task = JSON.parse(raw);
  assert.deepEqual([task.queue, task.labels, task.retry.max_attempts], ['again', { a: 'b' }, 3]);
});

test('a form says at its fields what the API refuses, and a template makes a task', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/submit', expected: /422/ });
  await page.getByLabel('Runs').selectOption('a URL');
  assert.match(await page.getByRole('textbox', { name: 'URL, method and headers' }).inputValue(), /"url": "https:/);
  await page.getByRole('link', { name: 'Fails for good' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Handler' }).inputValue(), 'fail');
  await page.getByRole('textbox', { name: 'Queue', exact: true }).fill('no spaces here');
  await page.getByRole('textbox', { name: 'Attempts' }).fill('1000');
  await press(page, 'Submit the task');
  await page.locator('.field', { hasText: 'Attempts' }).getByText('must be 1 to 100, got 1000').waitFor();
  await page.locator('.field', { hasText: 'Queue' }).locator('.bad').waitFor();
  await page.getByRole('textbox', { name: 'Queue', exact: true }).fill('forms');
  await page.getByRole('textbox', { name: 'Attempts' }).fill('2');
  await press(page, 'Submit the task');
  await page.locator('.head .state.failed').waitFor();
  const { tasks } = await stack.call('GET', 'tasks?queue=forms');
  assert.deepEqual([tasks.length, tasks[0].retry.max_attempts, tasks[0].labels], [1, 2, { tenant: 'acme' }]);
});

test('filters stand in the address, together, and hold after a reload', async (t) => {
  const [acme] = await failed(1, 'filters', { fatal: true }, { labels: { tenant: 'acme', a: '1' } });
  await failed(1, 'filters', { fatal: true }, { labels: { tenant: 'other' } });
  await submit('echo', null, { queue: 'filters', labels: { tenant: 'acme' } });
  const page = await open(t, browser, stack.url, { hash: '#/tasks' });
  await page.getByRole('navigation', { name: 'States' }).getByRole('link', { name: 'failed' }).click();
  await page.getByLabel('Queue').fill('filters');
  await page.keyboard.press('Enter');
  await page.getByLabel('Label').fill('tenant=acme');
  await page.keyboard.press('Enter');
  await page.waitForURL(/state=failed.*label.tenant=acme/);
  const one = async () => {
    await until('one task is left', async () => (await page.locator('tbody tr').count()) === 1);
    await page.locator(`a[href="#/tasks/${acme.id}"]`).waitFor();
  };
  await one();
  await page.reload();
  await one();
  await page.getByRole('button', { name: 'Remove the label tenant=acme' }).click();
  await until('both failed tasks', async () => (await page.locator('tbody tr').count()) === 2);
  await page.goBack();
  await one();
});

test('selected tasks are cancelled, run and retried', async (t) => {
  const ids = [];
  for (let at = 0; at < 6; at += 1) ids.push((await submit('echo', null, { queue: 'some', delay_seconds: 3600 })).id);
  const page = await open(t, browser, stack.url, { hash: '#/tasks?queue=some' });
  const select = async (some) => {
    for (const id of some) await page.getByLabel(`Select ${id}`).check();
  };
  await select(ids.slice(0, 2));
  await accessible(page, 'a selection');
  await press(page, 'Cancel 2');
  await yes(page, 'Cancel 2 tasks');
  for (const id of ids.slice(0, 2)) await becomes(id, 'cancelled');
  assert.equal(await stateOf(ids[2]), 'scheduled');
  await page.locator('.tray').getByText('2 tasks cancelled').waitFor();
  await page.locator('.tray').getByRole('button', { name: 'Close' }).click();

  await select(ids.slice(2, 4));
  await press(page, 'Run now 2');
  await yes(page, 'Run 2 tasks');
  for (const id of ids.slice(2, 4)) await becomes(id, 'succeeded');

  await until('the page knows', async () => (await page.locator('.state.succeeded').count()) === 2);
  await page.getByLabel('Select all on this page').check();
  const before = await stack.call('GET', `tasks/${ids[2]}`);
  await press(page, 'Retry 4');
  await yes(page, 'Retry 4 tasks');
  for (const id of ids.slice(0, 4)) await becomes(id, 'succeeded');
  await until('it ran again', async () => (await stack.call('GET', `tasks/${ids[2]}`)).finished_at > before.finished_at);
});

test('all that match are cancelled: more than a page, counted before', async (t) => {
  const tasks = Array.from({ length: 130 }, () => ({
    target: { handler: 'echo' },
    queue: 'all',
    delay_seconds: 3600,
    labels: { batch: '1' },
  }));
  await stack.call('POST', 'tasks/batch', { tasks });
  const { id } = await submit('echo', null, { queue: 'all', delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: '#/tasks?queue=all&label.batch=1' });
  await press(page, 'Cancel all that match…');
  await page.getByRole('dialog').getByText('130 tasks').waitFor();
  await yes(page, 'Cancel them');
  await page.locator('.tray').getByText('130 tasks cancelled').waitFor();
  assert.equal(await stateOf(id), 'scheduled');
  const { tasks: left } = await stack.call('GET', 'tasks?queue=all&state=scheduled');
  assert.deepEqual(
    left.map((task) => task.id),
    [id],
  );
});

test('pages go by cursor, forth and back', async (t) => {
  const tasks = Array.from({ length: 120 }, () => ({ target: { handler: 'echo' }, queue: 'pages', delay_seconds: 3600 }));
  await stack.call('POST', 'tasks/batch', { tasks });
  const page = await open(t, browser, stack.url, { hash: '#/tasks?queue=pages' });
  const seen = new Set();
  for (const size of [50, 50, 20]) {
    await until(`a page of ${size} other tasks`, async () => {
      const ids = await page.locator('tbody .id').allInnerTexts();
      return ids.length === size && ids.every((id) => !seen.has(id));
    });
    for (const id of await page.locator('tbody .id').allInnerTexts()) seen.add(id);
    if (size === 50) await page.getByRole('link', { name: 'Older »' }).click();
  }
  assert.equal(seen.size, 120);
  assert.match(page.url(), /queue=pages&cursor=/);
  await page.getByRole('link', { name: '« Newest' }).click();
  await page.getByRole('link', { name: 'Older »' }).waitFor();
});

test('failed tasks are redriven by group, and all that match', async (t) => {
  const one = await failed(3, 'groups');
  const other = await submit('missing', null, { queue: 'groups' });
  await becomes(other.id, 'failed');
  const [elsewhere] = await failed(1, 'elsewhere');
  const generation = async ({ id }) => (await stack.call('GET', `tasks/${id}`)).generation;
  const page = await open(t, browser, stack.url, { hash: '#/dead?queue=groups' });
  await page.getByText('4 failed tasks in 2 groups').waitFor();
  await press(page, 'Redrive 3…');
  await yes(page, 'Redrive 3 tasks');
  for (const task of one) await until('it started again', async () => (await generation(task)) > 1);
  assert.equal(await generation(other), 1);

  await press(page, 'Redrive all that match…');
  await page
    .getByRole('dialog')
    .getByText(/^(4|1) tasks?$/)
    .waitFor();
  await yes(page, 'Redrive them');
  await until('the other one started again', async () => (await generation(other)) > 1);
  assert.equal(await generation(elsewhere), 1);
});

test('a change of many goes on after a stop, and after a reload', async (t) => {
  const tasks = await failed(12, 'resumed');
  // The call that a reload breaks off is made again, and that task has moved on by then.
  const page = await open(t, browser, stack.url, { hash: '#/tasks?queue=resumed&state=failed', expected: /409/ });
  await page.route('**/retry', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await route.continue();
  });
  const again = async () => {
    const all = await Promise.all(tasks.map(({ id }) => stack.call('GET', `tasks/${id}`)));
    return all.filter(({ generation }) => generation > 1).length;
  };
  await page.getByLabel('Select all on this page').check();
  await press(page, 'Retry 12');
  await yes(page, 'Retry 12 tasks');
  await until('some are done', async () => (await again()) >= 2);
  await page.locator('.tray').getByRole('button', { name: 'Stop' }).click();
  await page.locator('.tray').getByText('stopped').waitFor();
  const half = await again();
  assert.ok(half < 12, `${half}`);
  // It can be left, and gone on with.
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.locator('.tray').getByRole('button', { name: 'Go on' }).click();
  await until('more are done', async () => (await again()) > half + 1);
  await page.reload();
  await page.locator('.tray').getByText('stopped').waitFor();
  await page.locator('.tray').getByRole('button', { name: 'Go on' }).click();
  await until('all are done', async () => (await again()) === 12);
  await page.locator('.tray').getByRole('button', { name: 'Close' }).click();
  await page.locator('.tray').waitFor({ state: 'detached' });
});

test('a queue is paused and goes on, and its limits are changed', async (t) => {
  await submit('echo', null, { queue: 'steered' });
  const queue = () => stack.call('GET', 'queues/steered');
  const page = await open(t, browser, stack.url, { hash: '#/queues/steered', expected: /422/ });
  await press(page, 'Pause…');
  await yes(page, 'Pause the queue');
  await page.locator('.head .state.paused').waitFor();
  assert.equal((await queue()).paused, true);
  await press(page, 'Resume');
  await page.locator('.head .state.paused').waitFor({ state: 'detached' });
  assert.equal((await queue()).paused, false);

  await press(page, 'Change limits');
  const own = page.getByRole('group', { name: 'The queue' });
  await own.getByLabel('Run at once').fill('100000');
  await press(page, 'Save');
  await own.locator('.bad').first().waitFor();
  await own.getByLabel('Run at once').fill('7');
  await own.getByLabel('Starts').fill('100');
  await own.getByLabel('in seconds').fill('60');
  await own.getByLabel('Burst').fill('10');
  await page.getByRole('group', { name: 'Each fairness key' }).getByLabel('Run at once').fill('2');
  await press(page, 'Save');
  await page.getByText('100 per 60 s, burst 10').waitFor();
  const { concurrency, rate, per_key } = await queue();
  assert.deepEqual(
    { concurrency, rate, per_key },
    { concurrency: 7, rate: { tasks: 100, per_seconds: 60, burst: 10 }, per_key: { concurrency: 2, rate: null } },
  );

  await press(page, 'Change limits');
  await own.getByLabel('Run at once').fill('');
  await press(page, 'Save');
  await until('the limit is gone', async () => (await queue()).concurrency === null);
  assert.deepEqual((await queue()).rate, { tasks: 100, per_seconds: 60, burst: 10 });
});

test('a queue is purged only when its name is typed', async (t) => {
  const { id } = await submit('echo', null, { queue: 'purged', delay_seconds: 3600 });
  const page = await open(t, browser, stack.url, { hash: '#/queues/purged' });
  await press(page, 'Purge…');
  const go = page.getByRole('dialog').getByRole('button', { name: 'Purge the queue' });
  await page.getByRole('dialog').getByText('1 task').waitFor();
  assert.ok(await go.isDisabled());
  await page.getByRole('dialog').getByRole('textbox').fill('purge');
  assert.ok(await go.isDisabled());
  await page.getByRole('dialog').getByRole('textbox').fill('purged');
  await go.click();
  await becomes(id, 'cancelled');
});

test('a schedule is made, run, edited, paused and deleted', async (t) => {
  const page = await open(t, browser, stack.url, { hash: '#/schedules', expected: /422/ });
  const schedule = () => stack.call('GET', 'schedules/weekly');
  await page.getByRole('link', { name: 'New schedule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('weekly');
  await page.getByLabel('Cron').fill('0 8 * * MO');
  await page.getByLabel('Time zone').fill('Europe/Dublin');
  await page
    .getByLabel('Task of each firing')
    .fill('{"target": {"handler": "echo"}, "payload": {"big": 12345678901234567890}}');
  await press(page, 'Save');
  await page.locator('.field', { hasText: 'Cron' }).locator('.bad').waitFor();
  await page.getByLabel('Cron').fill('0 8 * * MON');
  await press(page, 'Save');
  await page.getByText('at 08:00 on Monday, Europe/Dublin time').waitFor();

  await press(page, 'Run now');
  await until('its task ran', async () =>
    (await stack.call('GET', 'tasks?state=succeeded')).tasks.some((task) => task.schedule === 'weekly'),
  );

  await press(page, 'Pause…');
  await yes(page, 'Pause the schedule');
  await page.locator('.head .state.paused').waitFor();
  assert.equal((await schedule()).paused, true);

  await press(page, 'Edit');
  await page.getByLabel('Cron').fill('15 9 * * TUE');
  await press(page, 'Save');
  await page.getByText('at 09:15 on Tuesday, Europe/Dublin time').waitFor();
  assert.equal((await schedule()).paused, true, 'an edit does not let it go on');
  await press(page, 'Resume');
  await page.locator('.head .state.paused').waitFor({ state: 'detached' });
  const raw = await (await fetch(`${stack.url}/v1/schedules/weekly`)).text();
  assert.match(raw, /"big": ?12345678901234567890/);
  assert.match(raw, /"paused":false/);

  await press(page, 'Delete…');
  await page.getByRole('dialog').getByRole('textbox').fill('weekly');
  await yes(page, 'Delete the schedule');
  await page.getByRole('heading', { name: 'No schedule yet' }).waitFor();
  await assert.rejects(schedule(), /404/);
});

test('a filter that few tasks meet looks further back by itself, and can be stopped', async (t) => {
  const { id } = await submit('echo', null, { queue: 'deep', delay_seconds: 3600, labels: { rare: '1' } });
  for (let batch = 0; batch < 6; batch += 1) {
    const tasks = Array.from({ length: 500 }, () => ({ target: { handler: 'echo' }, queue: 'deep', delay_seconds: 3600 }));
    await stack.call('POST', 'tasks/batch', { tasks });
  }
  const hash = '#/tasks?queue=deep&label.rare=1';
  const page = await open(t, browser, stack.url, { hash });
  await page.getByText('Looking further back…').waitFor();
  await page.locator(`a[href="#/tasks/${id}"]`).waitFor();

  const other = await open(t, browser, stack.url, { hash });
  await other.getByRole('button', { name: 'Stop', exact: true }).click();
  await other.getByText('No task on this page matches. Older ones may.').waitFor();
  const asked = other.asked.length;
  await other.waitForTimeout(2000);
  const cursors = other.asked.slice(asked).filter(({ line }) => line.includes('cursor='));
  assert.ok(new Set(cursors.map(({ line }) => line)).size <= 1, 'it stays on its page');
  // By hand it is a page at a time.
  const found = other.locator(`a[href="#/tasks/${id}"]`);
  const empty = other.getByText('No task on this page matches.');
  for (let page = 0; page < 5 && (await found.count()) === 0; page += 1) {
    await other.getByRole('link', { name: 'Older »' }).click();
    await found.or(empty).waitFor();
    await other.waitForLoadState('networkidle');
  }
  await found.waitFor();
});
