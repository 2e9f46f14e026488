/** What stands in the stack while it is measured, and what changes. */
import { setTimeout as sleep } from 'node:timers/promises';

export const QUEUES = ['emails', 'images', 'reports', 'webhooks'];
/** A paused queue, whose tasks wait. */
export const STILL = 'still';
const TENANTS = ['acme', 'initech', 'globex', 'umbrella', 'hooli', 'stark', 'wayne'];

/**
 * Those who do the work have `submit(kind, from, count)`, `open()`, how many tasks are due and have not ended, `drained()`, which waits
 * until there are none, and `ended(expected)`, how many succeeded, which waits a while until as many are counted.
 */

/** The share of each kind of task. BullMQ has the same kinds. */
const MIX = { delayed: 0.7, waiting: 0.05, succeeded: 0.15, failed: 0.1 };

const BATCH = 500;
const AT_ONCE = 4;
/** A task is submitted, starts and ends. */
const CHANGES_OF_A_TASK = 3;
const BEAT_MS = 100;
const LOOK_MS = 500;
/** What falls behind is not buried under requests, nor under tasks that wait: so many seconds of work may wait. */
const UNDER_WAY = 6;
const BACKLOG_SECONDS = 2;

export const queueOf = (at) => QUEUES[at % QUEUES.length];
export const tenantOf = (at) => TENANTS[at % TENANTS.length];
/** In the third hour from now, which no measure lives to see. */
export const delayOf = (at) => 7200 + (at % 3600);

/** Submits so many tasks, and waits until those that are due have ended and are counted. */
export async function fill(work, total) {
  for (const [kind, share] of Object.entries(MIX)) {
    const count = Math.round(total * share);
    let next = 0;
    const send = async () => {
      while (next < count) {
        const from = next;
        next = Math.min(count, from + BATCH);
        await work.submit(kind, from, next - from);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
  }
  await work.drained();
  await work.ended(Math.round(total * MIX.succeeded));
}

/** Tasks that come and end, at a steady pace. */
export class Changes {
  #work;
  #pace;
  #over = null;
  #running = null;
  #submitted = 0;
  #seconds = 0;
  #endedBefore = null;

  constructor(work, changesASecond) {
    this.#work = work;
    this.#pace = changesASecond / CHANGES_OF_A_TASK;
  }

  async start() {
    this.#endedBefore ??= await this.#work.ended();
    this.#over = new AbortController();
    this.#running = this.#run(this.#over.signal);
  }

  async stop() {
    this.#over.abort();
    await this.#running;
  }

  /** How many changes there were in each second while it ran: an accepted submit is one, and an end that was counted is a start too. */
  async reached() {
    const ended = (await this.#work.ended(this.#endedBefore + this.#submitted)) - this.#endedBefore;
    return (this.#submitted + (CHANGES_OF_A_TASK - 1) * ended) / this.#seconds;
  }

  async #run(signal) {
    const start = performance.now();
    const sending = new Set();
    let [due, open] = [0, 0];
    let asked = start;
    for (let last = start; !signal.aborted; ) {
      await sleep(BEAT_MS);
      const now = performance.now();
      due = Math.min(due + ((now - last) / 1000) * this.#pace, this.#pace);
      last = now;
      if (now - asked > LOOK_MS) {
        asked = now;
        open = await this.#work.open();
      }
      if (sending.size >= UNDER_WAY || open > this.#pace * BACKLOG_SECONDS) continue;
      const count = Math.min(BATCH, Math.floor(due));
      if (count === 0) continue;
      due -= count;
      const one = this.#work.submit('succeeded', this.#submitted, count).finally(() => sending.delete(one));
      this.#submitted += count;
      sending.add(one);
    }
    await Promise.all(sending);
    await this.#work.drained();
    // The time until the last one has ended counts, so that a backlog makes no pace.
    this.#seconds += (performance.now() - start) / 1000;
  }
}
