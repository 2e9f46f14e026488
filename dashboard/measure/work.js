/** The tasks of a Taskway stack, for `load.js`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../tests/stack.js';
import { delayOf, queueOf, STILL, tenantOf } from './load.js';

const DRAINED_WITHIN = 300_000;
/** An executor adds what it has counted each quarter of a minute. */
const COUNTED_WITHIN = 40_000;

const task = (at, more) => ({
  target: { handler: 'echo' },
  queue: queueOf(at),
  payload: { number: at },
  labels: { tenant: tenantOf(at) },
  ...more,
});

const KINDS = {
  delayed: (at) => task(at, { delay_seconds: delayOf(at) }),
  waiting: (at) => task(at, { queue: STILL }),
  succeeded: (at) => task(at, {}),
  failed: (at) => task(at, { target: { handler: 'fail' }, payload: { fatal: true } }),
};

export async function workOf({ call }) {
  await call('PUT', `queues/${STILL}`, { paused: true });
  const ended = async () => (await call('GET', 'stats')).ended.reduce((sum, { succeeded }) => sum + succeeded, 0);
  const open = async () => {
    const { lanes } = await call('GET', 'stats');
    return Object.values(lanes).reduce((sum, { waiting, in_flight: running }) => sum + waiting + running, 0);
  };
  const still = async () => {
    if ((await open()) > 0) return false;
    // A message may be uncounted while it moves.
    await sleep(300);
    return (await open()) === 0;
  };
  return {
    open,
    submit: async (kind, from, count) => {
      const tasks = Array.from({ length: count }, (_, at) => KINDS[kind](from + at));
      const { results } = await call('POST', 'tasks/batch', { tasks });
      const refused = results.find(({ status }) => status >= 300);
      if (refused) throw new Error(`a task was refused: ${JSON.stringify(refused.problem)}`);
    },
    drained: () => until('all due tasks have ended', still, DRAINED_WITHIN),
    /** Waits a while until as many are counted as there should be. */
    ended: async (expected = 0) => {
      const end = performance.now() + COUNTED_WITHIN;
      for (;;) {
        const count = await ended();
        if (count >= expected || performance.now() > end) return count;
        await sleep(1000);
      }
    },
  };
}
