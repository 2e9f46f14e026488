/** A handler: a function that a task runs, and what comes of it. */

import { encode } from "./json.js";

/** Thrown by a handler to be run again. Any other error means Retry, too. */
export class Retry extends Error {
  /** How long to wait at least. It can lengthen the wait of an HTTP target, and not shorten it. */
  readonly afterSeconds: number | undefined;

  constructor(
    reason = "the handler asked for another attempt",
    { afterSeconds, ...options }: ErrorOptions & { afterSeconds?: number } = {},
  ) {
    super(reason, options);
    this.name = "Retry";
    this.afterSeconds = afterSeconds;
  }
}

/** Thrown by a handler to fail the task for good. */
export class Fatal extends Error {
  constructor(reason = "the handler failed the task for good", options?: ErrorOptions) {
    super(reason, options);
    this.name = "Fatal";
  }
}

/** What a delivery says of its task. `queue`, `deadline` and `labels` are known to Lambda functions only. */
export interface Context {
  /** The task's id, the same for every attempt. Make effects idempotent by it. */
  readonly id: string;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** Grows with every attempt. Send it with every write, and let the receiver refuse a smaller one than it has seen. */
  readonly fence: number;
  readonly traceparent: string | undefined;
  readonly queue: string | undefined;
  /** When this attempt is cut. */
  readonly deadline: Date | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Aborted when nobody waits for this attempt any more. Pass it on to `fetch` and the like. */
  readonly signal: AbortSignal;
}

/** A schema of any library that has the interface of https://standardschema.dev, such as zod, valibot and arktype. */
export interface Schema<Payload> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Payload> | Promise<Validated<Payload>>;
    readonly types?: { readonly input: unknown; readonly output: Payload } | undefined;
  };
}

type Validated<Payload> = { readonly value: Payload; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What reads a payload: a schema, or a function that returns what the handler gets, and throws if the payload does not fit. */
export type Reader<Payload> = Schema<Payload> | ((payload: unknown) => Payload);

/** Returns any JSON, or a promise of it. */
export type Handler<Payload> = (payload: Payload, context: Context) => unknown;

/** What came of an attempt. `status` is the HTTP status that says so. */
export interface Outcome {
  readonly status: number;
  /** JSON of a result, or the reason of a failure. */
  readonly body: string;
  /** How long to wait at least before another attempt. */
  readonly afterSeconds?: number | undefined;
  readonly error?: unknown;
}

/** A 4xx status fails the task for good. */
export function refused(status: number, body: string): Outcome {
  return { status, body };
}

/** Runs a handler. Never rejects. */
export async function attempt<Payload>(
  handler: Handler<Payload>,
  reader: Reader<Payload> | undefined,
  payload: unknown,
  context: Context,
): Promise<Outcome> {
  let read: Payload;
  try {
    read = await readBy(reader, payload);
  } catch (error) {
    return refused(422, `the payload does not fit the handler: ${messageOf(error)}`);
  }
  let result: unknown;
  try {
    result = await handler(read, context);
  } catch (error) {
    return failed(error);
  }
  try {
    return { status: 200, body: encode(result) };
  } catch (error) {
    // Another attempt would repeat what the handler did, and end alike.
    return refused(422, `the handler's result is not JSON: ${messageOf(error)}`);
  }
}

function failed(error: unknown): Outcome {
  if (error instanceof Fatal) {
    return { status: 422, body: error.message, error };
  }
  if (error instanceof Retry) {
    return { status: 503, body: error.message, afterSeconds: error.afterSeconds, error };
  }
  return { status: 500, body: String(error), error };
}

async function readBy<Payload>(reader: Reader<Payload> | undefined, payload: unknown): Promise<Payload> {
  if (reader === undefined) {
    return payload as Payload;
  }
  // Schemas of some libraries are functions, too.
  if ("~standard" in reader) {
    const read = await reader["~standard"].validate(payload);
    if (read.issues !== undefined) {
      throw new TypeError(read.issues.map(placed).join("; "));
    }
    return read.value;
  }
  return reader(payload);
}

/** A fault with its JSON pointer. */
function placed({ message, path = [] }: Issue): string {
  const names = path.map((part) => String(typeof part === "object" ? part.key : part));
  return [names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""), message]
    .filter(Boolean)
    .join(" ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
