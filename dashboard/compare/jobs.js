// Fills Redis with BullMQ's jobs, and keeps some coming when its parent says so: node jobs.js REDIS_PORT JOBS CHANGES_A_SECOND
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import IORedis from 'ioredis';
import { Changes, delayOf, fill, QUEUES, queueOf, STILL, tenantOf } from '../measure/load.js';

/** As many as the stack's executor runs at once, over all queues. */
const CONCURRENCY = 64 / QUEUES.length;

const [port, jobs, pace] = process.argv.slice(2).map(Number);
const connection = new IORedis(port, '127.0.0.1', { maxRetriesPerRequest: null });
const queues = new Map([...QUEUES, STILL].map((name) => [name, new Queue(name, { connection })]));
await queues.get(STILL).pause();
let [ended, open] = [0, 0];
for (const name of QUEUES) {
  const worker = new Worker(name, run, { connection, concurrency: CONCURRENCY });
  worker.on('completed', () => {
    ended += 1;
    open -= 1;
  });
  worker.on('failed', () => {
    open -= 1;
  });
}

async function run({ data }) {
  if (data.fatal) throw new UnrecoverableError('it is told to fail for good');
  return data;
}

const KINDS = {
  delayed: (at) => ({ opts: { delay: delayOf(at) * 1000 } }),
  waiting: () => ({ queue: STILL }),
  succeeded: () => ({ runs: true }),
  failed: () => ({ runs: true, more: { fatal: true } }),
};

async function submit(kind, from, count) {
  const batches = new Map();
  for (let at = from; at < from + count; at += 1) {
    const { queue = queueOf(at), opts = {}, more, runs } = KINDS[kind](at);
    if (runs) open += 1;
    batches.set(queue, [
      ...(batches.get(queue) ?? []),
      { name: 'echo', data: { number: at, tenant: tenantOf(at), ...more }, opts },
    ]);
  }
  await Promise.all([...batches].map(([queue, batch]) => queues.get(queue).addBulk(batch)));
}

async function drained() {
  while (open > 0) await sleep(50);
}

const work = { submit, drained, ended: async () => ended, open: async () => open };
await fill(work, jobs);
const changes = new Changes(work, pace);
process.on('message', async (verb) => process.send({ answer: (await changes[verb]()) ?? null }));
process.send({ answer: null });
