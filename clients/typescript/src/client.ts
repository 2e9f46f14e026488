/** The client: a method for each call of the API. */

import { basic, environment, isLoopback, parsed } from "./address.js";
import { Answer, answersOf, BATCHES_AT_ONCE, type Batch, bodyOf, cut, MOST_TASKS, severalAtOnce } from "./batches.js";
import { BadRequest, NotAnswered, TaskwayError, TooLarge, WaitTimeout } from "./errors.js";
import { decode, encode } from "./json.js";
import { type Answered, answered, type Given, given } from "./names.js";
import { type Clock, REAL_CLOCK, type Request, Sender } from "./sender.js";
import {
  documentOf,
  idOf,
  type NewTask,
  type Target,
  type Task,
  type TaskOptions,
  type TaskRef,
  taskOf,
  withKey,
} from "./task.js";
import { downloaded, type Part, type Uploadable, uploaded } from "./transfers.js";
import type * as wire from "./wire.js";

const DEFAULT_URL = "http://127.0.0.1:8080";
const DEFAULT_TIMEOUT_SECONDS = 60;
// `wait` looks soon after the submit, then ever more rarely.
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 2000;

export interface ClientOptions {
  /** How long a call is tried, with all its retries: 60 s unless given. */
  timeoutSeconds?: number;
  /** Sent as a bearer token: `TASKWAY_TOKEN` unless given. */
  token?: string;
  /** Sends requests. One that signs them, for example. */
  fetch?: typeof fetch;
  /** Sends requests to the bucket of large payloads and results, which the API has signed: the global `fetch` unless given. */
  bucketFetch?: typeof fetch;
  /** Time and randomness, which a test may replace. */
  clock?: Clock;
  random?: () => number;
}

export interface CallOptions {
  /** Ends the call: it throws the signal's reason. The stack may have done what was asked. */
  signal?: AbortSignal;
}

export interface PageOptions extends CallOptions {
  /** How many a page has at most: 50 unless given. A list of tasks takes 500, the others 100. */
  pageSize?: number;
}

export type Queue = Readonly<Answered<wire.Queue>>;
export type QueueChange = Given<wire.QueueChange>;
export type Schedule = Readonly<Answered<wire.Schedule>>;
/** A schedule to put: exactly one of `cron` and `everySeconds` must be given. */
export type NewSchedule = Given<wire.Timing> & {
  /** What each firing submits. */
  task: Given<wire.FiringOptions> & Pick<NewTask, "target" | "payload">;
};
export type Stats = Readonly<Answered<wire.Stats>>;
export type TaskChange = Given<wire.TaskChange>;
export type Filters = Given<wire.Filters>;
export type BulkFilters = Omit<Given<wire.BulkFilters>, "ids"> & Ids;
/** What a change of many tasks did: how many matched, and how many of them were changed. */
export type BulkResult = Omit<Answered<wire.BulkAnswer>, "nextCursor">;

interface Ids {
  /** An empty list names no task. */
  ids?: readonly string[];
}

/** A client of a stack. Every call takes an AbortSignal, and is tried again while that may help. */
export class Taskway {
  /** Where the API is. */
  readonly url: string;
  readonly #sender: Sender;
  readonly #clock: Clock;

  /**
   * A client of the API at `url`: by default at `TASKWAY_URL`, or http://127.0.0.1:8080, where `taskway dev` listens.
   *
   * Throws RangeError if the URL is not http or https, if a token would go over plain http to another machine, or if it has
   * characters that no header can carry.
   */
  constructor(url?: string, options: ClientOptions = {}) {
    const address = parsed(url || environment("TASKWAY_URL") || DEFAULT_URL);
    const token = (options.token || environment("TASKWAY_TOKEN"))?.trim();
    if (token && !/^[\x20-\x7e]+$/.test(token)) {
      throw new RangeError("the token has characters that no header can carry");
    }
    if (token && address.protocol === "http:" && !isLoopback(address.hostname)) {
      throw new RangeError("a token is not sent over plain http, where anyone on the way could read it");
    }
    const headers: Record<string, string> = {};
    if (address.username || address.password) {
      headers.authorization = `Basic ${basic(address)}`;
      // `fetch` refuses a URL with a user.
      address.username = address.password = "";
    }
    if (token) {
      headers.authorization = `Bearer ${token}`;
    }
    this.url = address.href.replace(/\/+$/, "");
    this.#clock = options.clock ?? REAL_CLOCK;
    this.#sender = new Sender({
      url: this.url,
      headers,
      timeoutMs: (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      bucketFetch: options.bucketFetch ?? ((input, init) => fetch(input, init)),
      clock: this.#clock,
      random: options.random ?? Math.random,
    });
  }

  // Tasks

  /**
   * Submits a task, and returns it as the API accepted it.
   *
   * `target` is the name of a handler, a URL, or a target as the API has it. `payload` is any JSON, at most 256 KiB. For a larger
   * one, give what `upload` returned as `payloadRef`. With `waitSeconds`, the API answers when the task has ended, or after that
   * time, 25 s at most.
   *
   * The client makes an idempotency key if none is given. So the task is made once, however often the request is sent.
   *
   * Throws RangeError for a time without an offset, TypeError for a payload that is not JSON, Invalid if the API refuses a
   * field, and KeyReused if the key was used for another task.
   */
  async submit(
    target: Target,
    payload?: unknown,
    { waitSeconds, signal, ...options }: TaskOptions & CallOptions & { waitSeconds?: number } = {},
  ): Promise<Task> {
    const body = encode(documentOf(withKey({ target, payload, ...options })));
    const headers = waitSeconds === undefined ? {} : { prefer: `wait=${Math.ceil(waitSeconds)}` };
    return taskOf(await this.#answer({ method: "POST", path: "/v1/tasks", body, headers, signal }));
  }

  /**
   * Submits tasks in batches, and returns an answer for each, in order.
   *
   * A batch has at most 500 tasks and 5 MiB, and three are sent at the same time. A refused task does not keep the others from
   * being accepted. If a batch gets no answer within the client's timeout, or the signal is aborted, its tasks and those of the
   * batches that were not sent yet have the error in their answers. Submit these again with the `idempotencyKey` of their
   * answers: then those that were accepted are not made twice.
   *
   * Throws RangeError and TypeError as `submit` does, before anything is sent.
   */
  async submitMany(tasks: Iterable<NewTask>, { signal }: CallOptions = {}): Promise<Answer[]> {
    signal?.throwIfAborted();
    const keyed = Array.from(tasks, withKey);
    const keys = keyed.map((task) => task.idempotencyKey);
    const batches: Batch[] = [];
    let start = 0;
    for (const texts of cut(keyed.map((task) => encode(documentOf(task))))) {
      batches.push({ texts, keys: keys.slice(start, start + texts.length) });
      start += texts.length;
    }
    const outcomes = await severalAtOnce(batches, BATCHES_AT_ONCE, ({ keys, texts }) => this.#batch(keys, texts, signal));
    return outcomes.flatMap((outcome, at) => {
      if (!("failure" in outcome)) {
        return outcome.done;
      }
      const failure = asFailure(outcome.failure, signal);
      return (batches[at] as Batch).keys.map((key) => new Answer(key, failure));
    });
  }

  /** The task as it is now, with its payload and result. Throws NotFound. */
  async get(task: TaskRef, options: CallOptions = {}): Promise<Task> {
    return taskOf(await this.#get(path("v1", "tasks", idOf(task)), options));
  }

  /**
   * Waits until the task has ended, well or not, and returns it.
   *
   * Throws WaitTimeout, which has the task, if it has not ended after `timeoutSeconds`. Without it, it waits for ever.
   */
  async wait(
    task: TaskRef,
    { timeoutSeconds = Number.POSITIVE_INFINITY, signal }: CallOptions & { timeoutSeconds?: number } = {},
  ): Promise<Task> {
    const until = this.#clock.now() + timeoutSeconds * 1000;
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, LONGEST_LOOK_MS)) {
      const now = await this.get(task, optional(signal));
      if (now.ended) {
        return now;
      }
      const left = until - this.#clock.now();
      if (left <= 0) {
        throw new WaitTimeout(now);
      }
      await this.#sender.sleep(Math.min(pause, left), signal);
    }
  }

  /**
   * The tasks that match all filters, the newest first, without payloads and results.
   *
   * Reads a page of at most `pageSize` tasks at a time, when the iteration comes to it.
   */
  tasks({ pageSize, signal, ...filters }: Filters & PageOptions = {}): AsyncGenerator<Task, void> {
    return this.#pages("/v1/tasks", tasksOf, filters, { pageSize, signal });
  }

  /** The tasks that ended as failed, the latest first, by pages as `tasks` reads them. */
  dead({ pageSize, signal, ...filters }: Given<wire.DeadFilters> & PageOptions = {}): AsyncGenerator<Task, void> {
    return this.#pages("/v1/dead", tasksOf, filters, { pageSize, signal });
  }

  /** Changes a task that has not started. `deadline: null` removes the deadline. Throws StateConflict if it has started. */
  async update(task: TaskRef, change: TaskChange, options: CallOptions = {}): Promise<Task> {
    return taskOf(await this.#send("PATCH", path("v1", "tasks", idOf(task)), options, given(change)));
  }

  /** Stops a task. A cancelled one stays cancelled. Throws StateConflict if it has ended otherwise. */
  async cancel(task: TaskRef, options: CallOptions = {}): Promise<Task> {
    return taskOf(await this.#send("POST", path("v1", "tasks", idOf(task), "cancel"), options));
  }

  /**
   * Starts a waiting task now. Throws StateConflict if it does not wait.
   *
   * The request is not sent again if the first may have been carried out, because the second would then be refused.
   */
  async run(task: TaskRef, options: CallOptions = {}): Promise<Task> {
    return taskOf(await this.#once(path("v1", "tasks", idOf(task), "run"), options));
  }

  /**
   * Starts an ended task again, with attempts counted from 0. Throws StateConflict if it has not ended.
   *
   * The request is not sent again if the first may have been carried out, because the task could then run twice.
   */
  async retry(task: TaskRef, options: CallOptions = {}): Promise<Task> {
    return taskOf(await this.#once(path("v1", "tasks", idOf(task), "retry"), options));
  }

  /**
   * Stops all tasks that match all filters. `all: true` stops every task, and needs no filter.
   *
   * Throws Invalid without a filter. If it fails half way, the same call again does the rest.
   */
  async cancelMany({ ids, ...filters }: BulkFilters, options: CallOptions = {}): Promise<BulkResult> {
    return this.#bulk("/v1/tasks/cancel", filters, ids, options);
  }

  /**
   * Starts again all failed tasks that match all filters; without a filter, every failed task.
   *
   * If it fails half way, the same call again does the rest.
   */
  async redrive(
    { ids, ...filters }: Omit<Given<wire.RedriveFilters>, "ids" | "all"> & Ids = {},
    options: CallOptions = {},
  ): Promise<BulkResult> {
    return this.#bulk("/v1/dead/redrive", filters, ids, options);
  }

  // Queues

  /** The queues that have tasks or settings, without their counts. */
  queues(options: PageOptions = {}): AsyncGenerator<Queue, void> {
    return this.#pages("/v1/queues", queuesOf, {}, options);
  }

  /** A queue's settings, and how much it holds. A queue needs no set-up: each name has one. */
  async getQueue(name: string, options: CallOptions = {}): Promise<Queue> {
    return answered(await this.#get<wire.Queue>(path("v1", "queues", name), options));
  }

  /** Changes the settings that are given. Null as `concurrency`, `rate` or `perKey` means no limit. */
  async setQueue(name: string, change: QueueChange, options: CallOptions = {}): Promise<Queue> {
    return answered(await this.#send<wire.Queue>("PATCH", path("v1", "queues", name), options, given(change)));
  }

  /** From 5 s after the answer no task of the queue starts. What runs ends as usual. */
  async pauseQueue(name: string, options: CallOptions = {}): Promise<Queue> {
    return answered(await this.#send<wire.Queue>("POST", path("v1", "queues", name, "pause"), options));
  }

  /** Lets the queue go on. */
  async resumeQueue(name: string, options: CallOptions = {}): Promise<Queue> {
    return answered(await this.#send<wire.Queue>("POST", path("v1", "queues", name, "resume"), options));
  }

  /** Cancels the tasks of the queue that wait. Those that run go on. */
  async purgeQueue(name: string, options: CallOptions = {}): Promise<BulkResult> {
    return this.#bulk(path("v1", "queues", name, "purge"), {}, undefined, options);
  }

  // Schedules

  /** All schedules without their payloads, the latest put first. */
  schedules(options: PageOptions = {}): AsyncGenerator<Schedule, void> {
    return this.#pages("/v1/schedules", schedulesOf, {}, options);
  }

  /** A schedule, with what it means and when it fires. Throws NotFound. */
  async getSchedule(name: string, options: CallOptions = {}): Promise<Schedule> {
    return answered(await this.#get<wire.Schedule>(path("v1", "schedules", name), options));
  }

  /** Creates a schedule, or replaces it. Throws Invalid, which names each field that is wrong. */
  async putSchedule(name: string, { task, ...timed }: NewSchedule, options: CallOptions = {}): Promise<Schedule> {
    const document = { task: documentOf(task), ...given(timed) };
    return answered(await this.#send<wire.Schedule>("PUT", path("v1", "schedules", name), options, document));
  }

  /** Deletes a schedule, and cancels its firings that have not started. Throws NotFound. */
  async deleteSchedule(name: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#sender.send({ method: "DELETE", path: path("v1", "schedules", name), signal });
  }

  /**
   * Submits a schedule's task now, in addition to its firings. Throws NotFound.
   *
   * The request is not sent again if the first may have been carried out, because there would then be two tasks.
   */
  async runSchedule(name: string, options: CallOptions = {}): Promise<Task> {
    return taskOf(await this.#once(path("v1", "schedules", name, "run"), options));
  }

  // Large payloads and results

  /**
   * Uploads a payload of up to 100 MiB, and returns the `payloadRef` with which tasks are submitted within a day.
   *
   * To upload the same bytes again changes nothing, and returns the same. Throws Invalid if the API does not take so many bytes,
   * and another Problem if the bucket refuses them.
   */
  async upload(data: Uploadable, options: CallOptions = {}): Promise<string> {
    const ask = (asked: wire.UploadRequest) => this.#send<wire.Upload>("POST", "/v1/payloads", options, asked);
    return uploaded(this.#sender, ask, data, options.signal);
  }

  /**
   * The result of a task that has a `resultUrl`, or with `part: "payload"` the payload of one that has a `payloadUrl`.
   *
   * These are the bytes as they are kept: of a result, JSON. Throws RangeError if the task has no such URL, and NotFound.
   */
  async download(task: TaskRef, { part = "result", ...options }: CallOptions & { part?: Part } = {}): Promise<Blob> {
    return downloaded(this.#sender, task, () => this.get(task, options), part, options.signal);
  }

  // The stack

  /** How much is in the stack. All numbers are approximate. */
  async stats(options: CallOptions = {}): Promise<Stats> {
    return answered(await this.#get<wire.Stats>("/v1/stats", options));
  }

  async #answer<Document>(request: Request): Promise<Document> {
    const { status, body } = await this.#sender.send(request);
    try {
      return decode(body) as Document;
    } catch (cause) {
      throw new NotAnswered(`the answer with status ${status} is not JSON: is this URL Taskway's?`, { cause });
    }
  }

  #get<Document = wire.Task>(path: string, { signal }: CallOptions): Promise<Document> {
    return this.#answer({ method: "GET", path, signal });
  }

  #send<Document = wire.Task>(method: string, path: string, { signal }: CallOptions, content: unknown = {}): Promise<Document> {
    return this.#answer({ method, path, body: encode(content), signal });
  }

  /** A call that would do something else when it is carried out twice. */
  #once(path: string, { signal }: CallOptions): Promise<wire.Task> {
    return this.#answer({ method: "POST", path, body: "{}", repeatable: false, signal });
  }

  async #batch(keys: readonly string[], texts: readonly string[], signal: AbortSignal | undefined): Promise<Answer[]> {
    try {
      const request = { method: "POST", path: "/v1/tasks/batch", body: bodyOf(texts), signal };
      return answersOf(keys, await this.#answer(request));
    } catch (error) {
      if (!(error instanceof BadRequest || error instanceof TooLarge)) {
        throw error;
      }
      // One task can make the whole batch unreadable, such as by a payload that is nested too deep.
      if (texts.length === 1) {
        return [new Answer(keys[0] as string, error)];
      }
    }
    const half = texts.length >> 1;
    const first = await this.#batch(keys.slice(0, half), texts.slice(0, half), signal);
    return first.concat(await this.#batch(keys.slice(half), texts.slice(half), signal));
  }

  async #bulk(path: string, filters: object, ids: readonly string[] | undefined, options: CallOptions): Promise<BulkResult> {
    const total = { matched: 0, done: 0 };
    for (const some of parts(ids)) {
      let cursor: string | null | undefined;
      do {
        const body = { ...given(filters), ...some, cursor };
        const answer = await this.#send<wire.BulkAnswer>("POST", path, options, body);
        total.matched += answer.matched;
        total.done += answer.done;
        cursor = answer.next_cursor;
      } while (cursor);
    }
    return total;
  }

  async *#pages<Page extends { next_cursor: string | null }, One>(
    path: string,
    read: (page: Page) => One[],
    filters: Query,
    { pageSize = 50, signal }: { pageSize?: number | undefined; signal?: AbortSignal | undefined },
  ): AsyncGenerator<One, void> {
    let cursor: string | null = null;
    do {
      const query = queryOf({ ...filters, limit: pageSize, cursor });
      const page: Page = await this.#get<Page>(`${path}?${query}`, optional(signal));
      yield* read(page);
      cursor = page.next_cursor;
    } while (cursor);
  }
}

function tasksOf({ tasks }: wire.TaskList): Task[] {
  return tasks.map(taskOf);
}

function queuesOf({ queues }: wire.QueueList): Queue[] {
  return queues.map(answered<wire.Queue>);
}

function schedulesOf({ schedules }: wire.ScheduleList): Schedule[] {
  return schedules.map(answered<wire.Schedule>);
}

function asFailure(error: unknown, signal: AbortSignal | undefined): TaskwayError {
  if (error instanceof TaskwayError) {
    return error;
  }
  if (signal?.aborted) {
    return new NotAnswered("the signal was aborted before an answer came", { cause: error });
  }
  throw error;
}

function optional(signal: AbortSignal | undefined): CallOptions {
  return signal === undefined ? {} : { signal };
}

type Query = { readonly [name: string]: unknown; readonly labels?: Readonly<Record<string, string>> };

function queryOf({ labels = {}, ...filters }: Query): string {
  const labelled = Object.entries(labels).map(([name, value]) => [`label.${name}`, value] as const);
  return [...Object.entries(given(filters)), ...labelled]
    .filter(([, value]) => value !== undefined && value !== null)
    .map((one) => one.map((text) => encodeURIComponent(String(text))).join("="))
    .join("&");
}

/** The path of these segments. An empty one or a dot would lead to another call. */
function path(...segments: string[]): string {
  return segments
    .map((segment) => {
      if (["", ".", ".."].includes(segment)) {
        throw new RangeError(`${JSON.stringify(segment)} is not a name or an id`);
      }
      return `/${encodeURIComponent(segment)}`;
    })
    .join("");
}

/** The ids in parts that one call takes. An empty list changes nothing, and must not mean every task. */
function parts(ids: readonly string[] | undefined): { ids?: readonly string[] }[] {
  if (ids === undefined) {
    return [{}];
  }
  const all: { ids: readonly string[] }[] = [];
  for (let start = 0; start < ids.length; start += MOST_TASKS) {
    all.push({ ids: ids.slice(start, start + MOST_TASKS) });
  }
  return all;
}
