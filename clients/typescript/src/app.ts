/** An application of handlers: for HTTP targets by `Request` and `Response`, and for Lambda targets. */

import { environment } from "./address.js";
import { Deliveries } from "./deliveries.js";
import { attempt, type Context, type Handler, type Outcome, type Reader, refused } from "./handlers.js";
import { headerOf } from "./headers.js";
import { decode } from "./json.js";
import { keysOf, type Secrets } from "./secrets.js";
import { InvalidSignature, verify } from "./webhooks.js";
import type { HttpTarget } from "./wire.js";

// A payload has at most 256 KiB as it was sent.
const MOST_BYTES = 1024 * 1024;
// The executor quotes 200 bytes of a refusal in the task's error.
const MOST_REASON = 1000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const METHODS = ["POST", "PUT", "PATCH"];
/** The label that says which handler a Lambda function runs. */
const LABEL = "handler";

export interface AppOptions {
  /** Where this application is reached, such as `https://example.com/tasks`. Only `target` needs it. */
  url?: string;
  /** Those of the executor: `TASKWAY_WEBHOOK_SECRETS` unless given. */
  secrets?: Secrets;
  /** Takes deliveries that no secret signed. */
  unsigned?: boolean;
  /** Gets an error that is neither Retry nor Fatal. It goes to the console unless given. */
  onError?: (error: unknown, handler: string) => void;
}

/** An event of a Lambda target. */
export interface LambdaEvent {
  readonly taskway: {
    readonly id: string;
    readonly attempt: number;
    readonly fence: number;
    readonly queue?: string | null;
    readonly deadline?: string | null;
    readonly labels?: Readonly<Record<string, string>> | null;
    readonly traceparent?: string | null;
  };
  readonly payload?: unknown;
}

interface Entry {
  readonly name: string;
  readonly handler: Handler<never>;
  readonly reader: Reader<never> | undefined;
}

/**
 * Handlers by name. Serve `app.fetch` with Deno, Bun or a worker, or mount it in an application of yours; `taskway/node` serves
 * it with Node.js.
 *
 * The last part of a URL's path names the handler: a task for `https://example.com/tasks/send_welcome` runs the handler
 * `send_welcome`.
 */
export class App {
  readonly #options: AppOptions;
  readonly #secrets: Secrets;
  readonly #handlers = new Map<string, Entry>();
  readonly #deliveries = new Deliveries();

  /** Throws RangeError for a secret that cannot be read. */
  constructor(options: AppOptions = {}) {
    this.#options = options;
    this.#secrets = options.secrets ?? environment("TASKWAY_WEBHOOK_SECRETS") ?? [];
    if (this.#secrets.length > 0) {
      keysOf(this.#secrets);
    }
  }

  /**
   * Registers a function as the handler of this name, and returns it.
   *
   * The function takes the payload and a Context, and returns any JSON or a promise of it. With a reader, such as a schema of zod,
   * it gets what that makes of the payload. A payload that does not fit fails the task for good.
   *
   * Throws RangeError if the name is taken or is not a name of letters, digits, `_`, `.` and `-`.
   */
  task<Payload = unknown>(name: string, handler: Handler<Payload>): Handler<Payload>;
  task<Payload>(name: string, reader: Reader<Payload>, handler: Handler<Payload>): Handler<Payload>;
  task<Payload>(name: string, first: Reader<Payload> | Handler<Payload>, second?: Handler<Payload>): Handler<Payload> {
    if (!NAME.test(name)) {
      throw new RangeError(
        `${JSON.stringify(name)} is not a name of 1 to 64 letters, digits, _ . - that begins with a letter or digit`,
      );
    }
    if (this.#handlers.has(name)) {
      throw new RangeError(`there are two handlers of the name ${name}`);
    }
    const handler = second ?? (first as Handler<Payload>);
    this.#handlers.set(name, { name, handler, reader: second && (first as Reader<never>) });
    return handler;
  }

  /** The target that runs a handler of this application, for `submit`: the handler's name, or its function. */
  target(task: string | Handler<never>): HttpTarget {
    const entry = [...this.#handlers.values()].find(({ name, handler }) => task === name || task === handler);
    if (entry === undefined) {
      throw new RangeError(`${typeof task === "string" ? task : "the function"} is no handler of this application`);
    }
    if (this.#options.url === undefined) {
      throw new RangeError("the application has no `url` yet: new App({ url: 'https://example.com/tasks' })");
    }
    return { http: { url: `${this.#options.url.replace(/\/+$/, "")}/${entry.name}` } };
  }

  /** Serves a delivery. Bound to the application, so that it can be passed on as it is. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { status, body, afterSeconds } = await this.#outcome(request);
    const done = status < 300;
    const headers = new Headers({ "content-type": done ? "application/json" : "text/plain; charset=utf-8" });
    if (afterSeconds !== undefined) {
      headers.set("retry-after", String(Math.ceil(afterSeconds)));
    }
    if (status === 405) {
      headers.set("allow", METHODS.join(", "));
    }
    return new Response(done ? body : body.slice(0, MOST_REASON), { status, headers });
  };

  /**
   * Serves an event of a Lambda target. Bound to the application: `export const handler = app.lambdaHandler`.
   *
   * Runs the handler that the task's label `handler` names. An application with one handler needs no label.
   */
  readonly lambdaHandler = async (event: LambdaEvent, _context?: unknown): Promise<unknown> => {
    const { id, attempt, fence, traceparent, queue, deadline, labels } = event.taskway;
    const names = [...this.#handlers.keys()];
    const name = labels?.[LABEL] ?? (names.length === 1 ? names[0] : undefined);
    const entry = this.#handlers.get(String(name));
    if (entry === undefined) {
      return { taskway: { fatal: `the task's label ${LABEL} must name one of ${names.join(", ")}, got ${name}` } };
    }
    const outcome = await this.#run(entry, event.payload ?? null, {
      id,
      attempt,
      fence,
      traceparent: traceparent ?? undefined,
      queue: queue ?? undefined,
      deadline: deadline ? new Date(deadline) : undefined,
      labels: labels ?? {},
      signal: new AbortController().signal,
    });
    if (outcome.status < 300) {
      return plain(outcome.body);
    }
    if (outcome.status < 500) {
      return { taskway: { fatal: outcome.body } };
    }
    if (outcome.afterSeconds !== undefined) {
      return { taskway: { retry_after_seconds: Math.ceil(outcome.afterSeconds) } };
    }
    throw outcome.error;
  };

  async #outcome(request: Request): Promise<Outcome> {
    if (!METHODS.includes(request.method)) {
      return refused(405, "a task is delivered by POST, PUT or PATCH");
    }
    const body = await bodyOf(request);
    if (body === undefined) {
      return refused(413, `the body must be at most ${MOST_BYTES} bytes`);
    }
    if (!this.#options.unsigned) {
      if (this.#secrets.length === 0) {
        return refused(503, "the receiver has no secrets to verify with: set TASKWAY_WEBHOOK_SECRETS");
      }
      try {
        await verify(body, request.headers, this.#secrets);
      } catch (error) {
        if (error instanceof InvalidSignature) {
          return refused(401, error.message);
        }
        throw error;
      }
    }
    const { pathname } = new URL(request.url);
    const entry = this.#handlers.get(pathname.slice(pathname.lastIndexOf("/") + 1));
    if (entry === undefined) {
      return refused(404, `there is no handler for ${pathname}`);
    }
    let delivery: ReturnType<typeof deliveryOf>;
    let payload: unknown;
    try {
      delivery = deliveryOf(request.headers);
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
      payload = isJson(request.headers.get("content-type") ?? "") ? decode(text) : text;
    } catch (error) {
      return refused(400, `the delivery cannot be read: ${(error as Error).message}`);
    }
    const outcome = await this.#deliveries.outcome(
      delivery.id,
      delivery.fence,
      (signal) => this.#run(entry, payload, { ...delivery, signal }),
      request.signal,
    );
    return outcome ?? refused(503, "nobody waits for this attempt any more");
  }

  async #run({ name, handler, reader }: Entry, payload: unknown, context: Context): Promise<Outcome> {
    const outcome = await attempt(handler, reader, payload, context);
    if (outcome.status === 500) {
      const report = this.#options.onError ?? ((error) => console.error(`handler ${name} failed`, error));
      report(outcome.error, name);
    }
    return outcome;
  }
}

/** The whole body, or undefined if it is over its limit. */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    parts.push(read.value);
    length += read.value.length;
    if (length > MOST_BYTES) {
      await reader?.cancel();
      return undefined;
    }
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

/** What a delivery says of its task. Throws RangeError if a header is missing or is not a number. */
function deliveryOf(headers: Headers): Omit<Context, "signal"> {
  const given = (name: string) => {
    const value = headerOf(headers, name);
    if (value === undefined) {
      throw new RangeError(`the header ${name} is missing`);
    }
    return value;
  };
  const number = (name: string) => {
    const value = given(name);
    if (!/^\d{1,15}$/.test(value)) {
      throw new RangeError(`the header ${name} is not a number`);
    }
    return Number(value);
  };
  return {
    id: given("webhook-id"),
    attempt: number("taskway-attempt"),
    fence: number("taskway-fence"),
    traceparent: headerOf(headers, "traceparent"),
    queue: undefined,
    deadline: undefined,
    labels: {},
  };
}

/** What a function may return: its runtime writes it by JSON.stringify, which takes no bigint. */
function plain(json: string): unknown {
  const value = decode(json);
  try {
    JSON.stringify(value);
    return value;
  } catch {
    return { taskway: { fatal: "the result has an integer beyond 2^53, which a function cannot return: make it a text" } };
  }
}

function isJson(contentType: string): boolean {
  const kind = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  return kind === "" || kind === "application/json" || kind.endsWith("+json");
}
