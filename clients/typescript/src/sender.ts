/** Sends a request, and sends it again while that may help. */

import { NotAnswered, Problem, problemOf, type TaskwayError } from "./errors.js";
import { decode } from "./json.js";

// API Gateway answers within 30 s. The rest is for the way.
const ANSWER_MS = 35_000;
// A large payload takes minutes on a slow line. The URL that it goes to is good for so long.
const TRANSFER_MS = 15 * 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
// A try that is cut off before it can be answered would hide what the one before it said.
const SHORTEST_TRY_MS = 100;

/** Time, which tests replace by a virtual one. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls back once, after so many milliseconds. Returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export interface Request {
  readonly method: string;
  /** Path and query of a call of the API, percent-encoded. */
  readonly path?: string;
  /** Instead of a path, a signed URL elsewhere. Its request has no headers but its own. */
  readonly url?: string;
  readonly body?: string | ArrayBuffer | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether sending it twice does no more than sending it once. If not, the client repeats it only after an answer or a failure
   * that shows that nothing was done.
   */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** What a signed URL answers, unless that is a refusal. */
  readonly blob?: Blob;
}

/** There was no answer. `sent` says whether the request may have arrived. */
interface Broken {
  readonly cause: unknown;
  readonly sent: boolean;
}

export interface SenderOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  /** Sends requests with signed URLs. */
  readonly bucketFetch: typeof fetch;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
}

export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** The answer. Throws a Problem if the API refuses, NotAnswered if no answer came in time, and an abort's reason. */
  async send(request: Request): Promise<Response> {
    const { clock, random, timeoutMs } = this.#options;
    const until = clock.now() + timeoutMs;
    let doubtful = false;
    for (let tries = 0; ; tries++) {
      const left = Math.max(until - clock.now(), 1);
      const outcome = await this.#once(request, request.url ? TRANSFER_MS : Math.min(left, ANSWER_MS));
      const answered = "status" in outcome;
      // The try before, whose answer was lost, may have deleted it.
      if (answered && (isDone(outcome) || (outcome.status === 404 && request.method === "DELETE" && doubtful))) {
        return outcome;
      }
      const error = answered ? refusalOf(outcome) : silence(request, outcome);
      const again = !answered || outcome.status === 408 || outcome.status === 429 || outcome.status >= 500 || isHalted(error);
      const untouched = answered ? outcome.status === 429 : !outcome.sent;
      const asked = error instanceof Problem ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
      const pause = asked + random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      if (!again || !(request.repeatable !== false || untouched) || clock.now() + pause + SHORTEST_TRY_MS >= until) {
        throw error;
      }
      doubtful ||= !untouched;
      await this.sleep(pause, request.signal);
    }
  }

  /** Throws the signal's reason if it is aborted before. */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.#options.clock.after(milliseconds, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  async #once({ method, path, url, body, headers, signal }: Request, timeoutMs: number): Promise<Response | Broken> {
    signal?.throwIfAborted();
    const { clock, fetch, bucketFetch, url: api, headers: always } = this.#options;
    const stopper = new AbortController();
    const stop = () => stopper.abort(signal?.reason);
    signal?.addEventListener("abort", stop);
    const cancel = clock.after(timeoutMs, () =>
      stopper.abort(new DOMException(`it took longer than ${Math.ceil(timeoutMs / 1000)} s`, "TimeoutError")),
    );
    try {
      const init: RequestInit = { method, redirect: "manual", signal: stopper.signal, ...(body === undefined ? {} : { body }) };
      if (url) {
        const response = await bucketFetch(url, { ...init, headers: headers ?? {} });
        const blob = await response.blob();
        return { status: response.status, headers: response.headers, body: response.ok ? "" : await blob.text(), blob };
      }
      const typed = body === undefined ? {} : { "content-type": "application/json" };
      const response = await fetch(api + path, { ...init, headers: { ...always, ...headers, ...typed } });
      return { status: response.status, headers: response.headers, body: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      return { cause, sent: !neverConnected(cause) };
    } finally {
      cancel();
      signal?.removeEventListener("abort", stop);
    }
  }
}

function isDone(response: Response): boolean {
  return response.status >= 200 && response.status < 300;
}

function refusalOf(response: Response): Problem {
  let document: unknown;
  try {
    document = decode(response.body);
  } catch {
    // S3 answers with XML, and API Gateway and proxies with other things.
    const title = said("Code", response.body);
    document = title && { title, detail: said("Message", response.body) ?? title };
  }
  return problemOf(response.status, document, response.headers);
}

function said(name: string, xml: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</`).exec(xml)?.[1];
}

/** S3 answers with 400 when an upload came to a halt. */
function isHalted(error: TaskwayError): boolean {
  return error instanceof Problem && error.title === "RequestTimeout";
}

function silence(request: Request, { cause, sent }: Broken): NotAnswered {
  const doubt = sent && request.repeatable === false ? "; it may have been carried out all the same" : "";
  // The query of a signed URL has the signature.
  const what = `${request.method} ${(request.url ?? request.path)?.split("?")[0]}`;
  return new NotAnswered(`${what} got no answer: ${reasonOf(cause)}${doubt}`, { cause });
}

/** Node.js says only `fetch failed`, and what failed in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = Object(error) as { message?: string; cause?: unknown };
  return [message || String(error), ...(cause instanceof Error ? [cause.message || codeOf(cause)] : [])].join(": ");
}

const NEVER_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  // Bun's words, before it took those of Node.js.
  "ConnectionRefused",
  "FailedToOpenSocket",
]);
// Deno has no codes.
const DENO_NEVER_CONNECTED = "client error (Connect)";

/** Whether the request certainly did not arrive. Browsers do not tell, so there it may have. */
function neverConnected(error: unknown): boolean {
  const { cause, errors, message } = Object(error) as { cause?: unknown; errors?: unknown; message?: unknown };
  // Several addresses of one name were tried.
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every(neverConnected);
  }
  const says = NEVER_CONNECTED.has(codeOf(error)) || String(message).includes(DENO_NEVER_CONNECTED);
  return says || (cause !== undefined && neverConnected(cause));
}

function codeOf(error: unknown): string {
  return String((Object(error) as { code?: unknown }).code);
}
