/** Tasks in every state, queues of every kind, and schedules. */
import { until } from './stack.js';

/** What a page must never run. If it did, the title of the window would tell. */
export const MARKER = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";

export async function fill({ call }) {
  const submit = (handler, payload, more = {}) => call('POST', 'tasks', { target: { handler }, payload, ...more });
  await call('PUT', 'queues/still', { paused: true });
  await call('PUT', 'queues/narrow', {
    concurrency: 4,
    rate: { tasks: 100, per_seconds: 60, burst: 10 },
    per_key: { concurrency: 1, rate: null },
  });
  const tasks = {
    scheduled: await submit('echo', { far: true }, { delay_seconds: 86_400, labels: { team: 'growth' } }),
    queued: await submit('echo', { soon: true }, { delay_seconds: 600 }),
    running: await submit('sleep', { seconds: 600 }, { queue: 'reports', timeout_seconds: 900 }),
    succeeded: await submit('echo', { html: MARKER, digits: 1 }, { queue: 'reports' }),
    failed: await submit('fail', { fatal: true }, { queue: 'emails', labels: { tenant: 'acme' } }),
    cancelled: await submit('echo', null, { delay_seconds: 3600 }),
    expired: await submit('echo', null, { queue: 'still', deadline: new Date(Date.now() + 1000).toISOString() }),
    held: await submit('echo', { held: true }, { queue: 'still' }),
  };
  for (let more = 0; more < 4; more += 1) {
    await submit('fail', { fatal: true }, { queue: 'emails', labels: { tenant: more % 2 === 0 ? 'acme' : 'initech' } });
  }
  for (const key of ['tenant-7', 'tenant-7', 'tenant-7', 'tenant-8']) {
    await submit('sleep', { seconds: 600 }, { queue: 'narrow', timeout_seconds: 900, fairness_key: key });
  }
  tasks.unknown = await submit('missing', { html: MARKER }, { queue: 'emails' });
  await call('POST', `tasks/${tasks.cancelled.id}/cancel`);
  const task = { target: { handler: 'echo' }, payload: { report: 'daily' } };
  await call('PUT', 'schedules/nightly', { cron: '30 2 * * 1-5', time_zone: 'Europe/Berlin', task });
  await call('PUT', 'schedules/hourly', { every_seconds: 3600, paused: true, task });
  for (const [name, state] of [
    ['running', 'running'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['unknown', 'failed'],
    ['expired', 'expired'],
  ]) {
    const { id } = tasks[name];
    await until(`${name} is ${state}`, async () => (await call('GET', `tasks/${id}`)).state === state);
  }
  await until('five emails have failed', async () => (await call('GET', 'dead?queue=emails')).tasks.length === 6);
  await until('tasks of keys are held', async () => (await call('GET', 'queues/narrow')).keys?.some(({ held }) => held > 0));
  return tasks;
}
