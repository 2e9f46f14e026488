/**
 * Deliveries that came twice or too late, told by their fences.
 *
 * A fence grows with every attempt of a task. Two requests with one fence are one attempt, which something on the way has sent
 * twice: its handler runs once, and both get its answer. A request with a smaller fence than the latest is of an attempt that
 * has lost its claim: its handler does not run.
 */

import { type Outcome, refused } from "./handlers.js";

/** How many tasks are remembered, each with its latest answer. */
export const REMEMBERED = 1000;

interface Seen {
  readonly fence: number;
  readonly stopper: AbortController;
  readonly run: Promise<Outcome>;
  ended: boolean;
  /** How many requests wait for it. */
  waiting: number;
}

export class Deliveries {
  // In the order of their latest request.
  readonly #seen = new Map<string, Seen>();

  get size(): number {
    return this.#seen.size;
  }

  /**
   * What comes of an attempt, or undefined if `gone` is aborted first, because nobody waits for it. `start` must not reject. Its
   * signal is aborted when all who waited are gone, or when a later attempt came.
   */
  async outcome(
    id: string,
    fence: number,
    start: (signal: AbortSignal) => Promise<Outcome>,
    gone?: AbortSignal,
  ): Promise<Outcome | undefined> {
    const before = this.#seen.get(id);
    if (before !== undefined && fence < before.fence) {
      return overtaken(before.fence);
    }
    let seen = before;
    if (seen === undefined || fence > seen.fence || seen.stopper.signal.aborted) {
      stop(before, "a later attempt has come");
      seen = started(fence, start);
    }
    this.#seen.delete(id);
    this.#seen.set(id, seen);
    this.#forget();
    const outcome = await first(seen, gone);
    // The attempt that was stopped for a later one still has someone who waits.
    return outcome ?? (gone?.aborted ? undefined : overtaken(this.#seen.get(id)?.fence));
  }

  #forget(): void {
    for (const [id, { ended }] of this.#seen) {
      if (this.#seen.size <= REMEMBERED || !ended) {
        return;
      }
      this.#seen.delete(id);
    }
  }
}

function started(fence: number, start: (signal: AbortSignal) => Promise<Outcome>): Seen {
  const stopper = new AbortController();
  const run = start(stopper.signal);
  const seen: Seen = { fence, stopper, run, ended: false, waiting: 0 };
  void run.then(() => {
    seen.ended = true;
  });
  return seen;
}

function stop(seen: Seen | undefined, why: string): void {
  if (seen !== undefined && !seen.ended) {
    seen.stopper.abort(new DOMException(why, "AbortError"));
  }
}

/** Waits until the attempt has ended, is stopped, or its caller is gone. Stops an attempt that nobody waits for. */
async function first(seen: Seen, gone: AbortSignal | undefined): Promise<Outcome | undefined> {
  seen.waiting += 1;
  const signals = [seen.stopper.signal, ...(gone ? [gone] : [])];
  let leave = () => {};
  const left = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined);
  });
  for (const signal of signals) {
    signal.aborted ? leave() : signal.addEventListener("abort", leave);
  }
  try {
    return await Promise.race([seen.run, left]);
  } finally {
    for (const signal of signals) {
      signal.removeEventListener("abort", leave);
    }
    seen.waiting -= 1;
    if (seen.waiting === 0) {
      stop(seen, "nobody waits for this attempt any more");
    }
  }
}

function overtaken(fence: number | undefined): Outcome {
  return refused(409, `a later attempt was here already: its fence is ${fence}`);
}
