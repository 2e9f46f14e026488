/** A world with a clock of its own: whenever nothing else is left to do, time jumps to the next timer. */

import type { Clock } from "taskway";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export class World implements Clock {
  #now = 100_000;
  readonly #timers = new Set<Timer>();
  #turning = false;

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    this.#turn();
    return () => this.#timers.delete(timer);
  }

  #turn(): void {
    if (this.#turning) {
      return;
    }
    this.#turning = true;
    // Promises come first, so all that follows from the last timer has happened by then.
    setImmediate(() => {
      this.#turning = false;
      const [next] = [...this.#timers].sort((one, other) => one.at - other.at);
      if (next !== undefined) {
        this.#timers.delete(next);
        this.#now = next.at;
        next.callback();
        this.#turn();
      }
    });
  }
}

/** What the network does with a request: an answer's status, with its headers and body, or a failure. */
export type Outcome = number | { status: number; headers?: Record<string, string>; body?: string } | Error | "silence";

/** A network that answers in turn, the last for ever. Each request takes a second. */
export class Network {
  /** When each request was sent. */
  readonly times: number[] = [];
  readonly requests: { url: string; init: RequestInit }[] = [];
  readonly #world: World;
  readonly #outcomes: Outcome[];

  constructor(world: World, ...outcomes: Outcome[]) {
    this.#world = world;
    this.#outcomes = outcomes;
  }

  /** The pauses between the requests, in seconds. */
  get pauses(): number[] {
    return this.times.slice(1).map((time, at) => Math.round(time - (this.times[at] ?? 0) - 1000) / 1000);
  }

  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    this.times.push(this.#world.now());
    this.requests.push({ url: String(url), init });
    const outcome = (this.#outcomes.length > 1 ? this.#outcomes.shift() : this.#outcomes[0]) ?? 200;
    await new Promise<void>((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      if (outcome !== "silence") {
        this.#world.after(1000, resolve);
      }
    });
    if (outcome instanceof Error) {
      throw outcome;
    }
    const { status, headers = {}, body = "{}" } = typeof outcome === "object" ? outcome : { status: Number(outcome) };
    return new Response(body, { status, headers });
  };
}

/** A failure as `fetch` of Node.js reports it. */
export function broken(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(`it broke with ${code}`), { code }) });
}
