/** Runs `clients/cases.json`. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  type Answer,
  decode,
  encode,
  NotAnswered,
  Problem,
  type Schedule,
  type Task,
  Taskway,
  type TaskwayError,
  WaitTimeout,
  webhooks,
} from "taskway";
import { type Fault, FaultProxy, type Sent } from "./fault-proxy.js";
import { ROOT, startedStack } from "./stack.js";

/** Part of the table. Its words are looked up by name, so that one that is unknown here fails its case. */
// biome-ignore lint/suspicious/noExplicitAny: the table's JSON
type Given = any;

interface Step {
  call: string;
  with: Given;
  with_payload_json?: string;
  prefer_wait_seconds?: number;
  repeat?: number;
  within_seconds?: number;
  as?: string;
  expect?: Record<string, Given>;
}

interface Case {
  name: string;
  client?: { timeout_seconds: number };
  faults?: Fault[];
  steps: Step[];
}

interface Signature {
  name: string;
  secrets: string[];
  signed_by?: string[];
  age_seconds?: number;
  tolerance_seconds?: number;
  body?: string;
  body_base64?: string;
  sent_body?: string;
  headers?: Record<string, string>;
  header_case?: "upper";
  without?: string;
  signature_prefix?: string;
  valid: boolean;
}

interface Table {
  faults: Record<string, string>;
  expect: Record<string, string>;
  cases: Case[];
  signatures: { secrets: Record<string, string>; cases: Signature[] };
}

const TABLE = JSON.parse(readFileSync(`${ROOT}clients/cases.json`, "utf8")) as Table;
const MS = 1000;

const stack = startedStack();

describe("cases", () => {
  for (const one of TABLE.cases) {
    test(one.name, async () => {
      const proxy = await FaultProxy.start(stack.url, one.faults);
      try {
        const client = new Taskway(proxy.url, { timeoutSeconds: one.client?.timeout_seconds ?? 30 });
        const run = new Run(client, `q${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`);
        for (const step of one.steps) {
          const until = performance.now() + (step.within_seconds ?? 0) * MS;
          const make = async () => {
            const start = performance.now();
            const sentBefore = proxy.sent.length;
            const outcome = await run.outcome(step);
            const took = (performance.now() - start) / MS;
            run.check(step.expect ?? { answer: {} }, { outcome, sent: proxy.sent.slice(sentBefore), took });
            return outcome;
          };
          const outcome = await eventually(make, until);
          if (step.as !== undefined) {
            run.know(`$${step.as}`, outcome as Task | string);
          }
        }
      } finally {
        await proxy.stop();
      }
    });
  }

  test("the table describes what it uses", () => {
    for (const { faults = [], steps } of TABLE.cases) {
      for (const { fault } of faults) {
        assert.ok(fault in TABLE.faults, fault);
      }
      for (const name of steps.flatMap(({ expect = {} }) => Object.keys(expect))) {
        assert.ok(name in TABLE.expect || name === "cursors", name);
      }
    }
    assert.equal(new Set(TABLE.cases.map(({ name }) => name)).size, TABLE.cases.length);
  });
});

/** What `make` returns. One that throws is made again until then. */
async function eventually<T>(make: () => Promise<T>, until: number): Promise<T> {
  for (;;) {
    try {
      return await make();
    } catch (error) {
      if (performance.now() >= until) {
        throw error;
      }
      await setTimeout(50);
    }
  }
}

interface Happened {
  outcome: unknown;
  sent: Sent[];
  took: number;
}

/** A case that runs: what its names stand for, and when it began. */
class Run {
  readonly known: Map<string, string>;
  readonly #client: Taskway;
  readonly #began = Date.now();

  constructor(client: Taskway, queue: string) {
    this.#client = client;
    this.known = new Map([["$queue", queue]]);
  }

  know(name: string, outcome: Task | string): void {
    if (typeof outcome === "string") {
      this.known.set(name, outcome);
    } else {
      this.known.set(`${name}.id`, outcome.id);
    }
  }

  /** What the step's call returns or throws. */
  async outcome(step: Step): Promise<unknown> {
    let given = this.#real(step.with, (moment, { zone, offset }) => text(moment, zone, offset));
    if (step.with_payload_json !== undefined) {
      given.payload = decode(step.with_payload_json);
    }
    if (step.prefer_wait_seconds !== undefined) {
      given.waitSeconds = step.prefer_wait_seconds;
    }
    if (step.repeat !== undefined) {
      given = Array.from({ length: step.repeat }, () => given);
    }
    const call = CALLS[step.call];
    assert.ok(call, `there is no call ${step.call}`);
    try {
      return await call(this.#client, given);
    } catch (error) {
      return error;
    }
  }

  /** A value of the table in TypeScript's words, with its names and stand-ins replaced. */
  #real(value: Given, time: (moment: Date, given: Given) => unknown, own = false): Given {
    if (typeof value === "string") {
      return [...this.known].reduce((text, [name, meant]) => text.replaceAll(name, meant), value);
    }
    if (Array.isArray(value)) {
      return value.map((one) => this.#real(one, time, own));
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    if ("in_seconds" in value) {
      return time(new Date(this.#began + value.in_seconds * MS), value);
    }
    if ("repeat_text" in value) {
      return value.repeat_text.repeat(value.times);
    }
    if ("nested_arrays" in value) {
      return JSON.parse("[".repeat(value.nested_arrays) + "]".repeat(value.nested_arrays));
    }
    if ("not_a_number" in value) {
      return Number.NaN;
    }
    const members = Object.entries(value).map(([name, one]) => {
      const callers = own || ["payload", "result", "labels", "headers"].includes(name);
      return [own ? name : camel(name), this.#real(one, time, callers)];
    });
    return Object.fromEntries(members);
  }

  check(expect: Record<string, Given>, happened: Happened): void {
    if (!("problem" in expect || "error" in expect)) {
      assert.ok(!(happened.outcome instanceof Error), String(happened.outcome));
    }
    for (const [name, wanted] of Object.entries(expect)) {
      const check = CHECKS[name];
      assert.ok(check, `there is no check ${name}`);
      check(["answer", "downloaded"].includes(name) ? this.#real(wanted, (moment) => moment) : wanted, happened);
    }
  }
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** A time as a caller writes it: with the offset of a zone, with an offset, or without any. */
function text(moment: Date, zone: string | undefined, offset: string | null = "+00:00"): string {
  const shown = zone === undefined ? offset : offsetOf(moment, zone);
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(shown ?? "+00:00") ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return new Date(moment.getTime() + shift * 60 * MS).toISOString().replace("Z", shown ?? "");
}

function offsetOf(moment: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(moment);
  return parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "") || "+00:00";
}

const CALLS: Record<string, (client: Taskway, given: Given) => Promise<unknown>> = {
  submit: (client, { target, payload, ...options }) => client.submit(target, payload, options),
  submit_many: (client, tasks) => client.submitMany(tasks),
  upload: (client, { payload }) => client.upload(encode(payload)),
  download: async (client, { id, part }) => decode(await (await client.download(id, { part })).text()),
  get: (client, { id }) => client.get(id),
  wait: (client, { id, ...options }) => client.wait(id, options),
  list: (client, { limit, ...filters }) => all(client.tasks({ ...filters, ...(limit && { pageSize: limit }) })),
  list_dead: (client, filters) => all(client.dead(filters)),
  update: (client, { id, ...change }) => client.update(id, change),
  cancel: (client, { id }) => client.cancel(id),
  run: (client, { id }) => client.run(id),
  retry: (client, { id }) => client.retry(id),
  cancel_many: (client, filters) => client.cancelMany(filters),
  redrive: (client, filters) => client.redrive(filters),
  stats: (client) => client.stats(),
  get_queue: (client, { name }) => client.getQueue(name),
  set_queue: (client, { name, ...change }) => client.setQueue(name, change),
  pause_queue: (client, { name }) => client.pauseQueue(name),
  resume_queue: (client, { name }) => client.resumeQueue(name),
  purge_queue: (client, { name }) => client.purgeQueue(name),
  put_schedule: (client, { name, ...schedule }) => client.putSchedule(name, schedule),
  get_schedule: (client, { name }) => client.getSchedule(name),
  run_schedule: (client, { name }) => client.runSchedule(name),
  delete_schedule: (client, { name }) => client.deleteSchedule(name),
};

async function all<One>(pages: AsyncIterable<One>): Promise<One[]> {
  const found = [];
  for await (const one of pages) {
    found.push(one);
  }
  return found;
}

const CHECKS: Record<string, (wanted: Given, happened: Happened) => void> = {
  answer(wanted, { outcome }) {
    if (typeof wanted === "string") {
      assert.equal(outcome, wanted);
      return;
    }
    contains(outcome, wanted, "answer");
  },
  downloaded(wanted, { outcome }) {
    assert.deepStrictEqual(outcome, wanted);
  },
  result_json(wanted, { outcome }) {
    const { result } = outcome as Task;
    assert.deepStrictEqual(result, decode(wanted));
    assert.equal(encode(result), encode(decode(wanted)));
  },
  list(wanted, { outcome }) {
    const found = outcome as Task[];
    assert.equal(found.length, wanted.count);
    if (wanted.ids) {
      assert.deepEqual(
        found.map(({ id }) => id),
        wanted.ids,
      );
    }
    if (wanted.newest_first) {
      const times = found.map(({ createdAt }) => createdAt.getTime());
      assert.deepEqual(
        times,
        [...times].sort((one, other) => other - one),
      );
    }
  },
  answers(wanted, { outcome }) {
    const found = outcome as Answer[];
    assert.equal(found.filter(({ accepted }) => accepted).length, wanted.accepted);
    assert.equal(found.filter(({ error }) => error).length, wanted.refused);
    assert.equal(new Set(found.map(({ idempotencyKey }) => idempotencyKey)).size, found.length);
    if (wanted.statuses) {
      assert.deepEqual(
        found.map(({ error }) => (error instanceof Problem ? error.status : 202)),
        wanted.statuses,
      );
    }
  },
  problem({ errors = [], ...wanted }, { outcome }) {
    assert.ok(outcome instanceof Problem, String(outcome));
    for (const [name, value] of Object.entries(wanted)) {
      assert.equal((outcome as unknown as Given)[camel(name)], value, name);
    }
    for (const error of errors) {
      assert.ok(
        outcome.errors.some((one) => Object.entries(error).every(([name, value]) => (one as Given)[name] === value)),
        JSON.stringify(outcome.errors),
      );
      assert.ok(outcome.message.includes(error.detail));
    }
  },
  error(kind, { outcome, sent }) {
    if (kind === "usage") {
      assert.ok(outcome instanceof RangeError || outcome instanceof TypeError, String(outcome));
      assert.equal(sent.length, 0);
      return;
    }
    const meant: Record<string, typeof TaskwayError> = { not_answered: NotAnswered, wait_timeout: WaitTimeout as never };
    assert.ok(meant[kind]);
    assert.ok(outcome instanceof meant[kind], String(outcome));
  },
  took_seconds({ at_least, at_most }, { took }) {
    assert.ok(at_least <= took && took <= at_most, `it took ${took} s`);
  },
  requests(wanted, { sent }) {
    assert.equal(sent.length, wanted, JSON.stringify(sent).slice(0, 2000));
  },
  same_body(_, { sent }) {
    assert.equal(new Set(sent.map(({ body }) => body)).size, 1);
  },
  has_key(_, { sent }) {
    for (const { body } of sent.filter(({ method }) => method === "POST")) {
      const document = JSON.parse(body);
      assert.ok((document.tasks ?? [document]).every((task: Given) => task.idempotency_key));
    }
  },
  cursors(wanted, { sent }) {
    const found = sent.map(({ path }) => new URL(path, stack.url).searchParams.get("cursor"));
    assert.deepEqual(found, wanted);
  },
  next_runs_local({ count, clock, offset_seconds }, { outcome }) {
    const { nextRuns, nextRunsLocal } = outcome as Schedule;
    assert.equal(nextRunsLocal.length, count);
    assert.deepEqual(
      nextRunsLocal.map((text) => new Date(text)),
      nextRuns,
    );
    for (const at of nextRunsLocal) {
      const [, shown, sign, hours, minutes] = /T(\d\d:\d\d:\d\d)(?:\.\d+)?([+-])(\d\d):(\d\d)$/.exec(at) ?? [];
      assert.equal(shown, clock);
      assert.equal((Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1), offset_seconds);
    }
  },
};

/** Whether a value has these members, at least. What the caller gave is compared whole. */
function contains(found: Given, wanted: Given, place: string): void {
  for (const [name, value] of Object.entries<Given>(wanted)) {
    const isPlain = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
    if (isPlain && !["payload", "result", "labels", "headers"].includes(name)) {
      contains(found[name], value, `${place}.${name}`);
    } else {
      assert.deepStrictEqual(found[name], value, `${place}.${name}`);
    }
  }
}

describe("signatures", () => {
  for (const one of TABLE.signatures.cases) {
    test(one.name, async () => {
      const body = Buffer.from(one.body_base64 ?? one.body ?? "", one.body_base64 === undefined ? "utf8" : "base64");
      let headers: Record<string, string> = { ...signed(one, body), ...one.headers };
      if (one.signature_prefix !== undefined) {
        headers["webhook-signature"] = one.signature_prefix + headers["webhook-signature"];
      }
      if (one.without !== undefined) {
        delete headers[one.without];
      }
      const id = headers["webhook-id"];
      if (one.header_case === "upper") {
        headers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
      }
      const given = one.sent_body === undefined ? body : Buffer.from(one.sent_body);
      const secrets = one.secrets.map((name) => TABLE.signatures.secrets[name] as string);
      const tolerance = one.tolerance_seconds === undefined ? {} : { toleranceSeconds: one.tolerance_seconds };
      for (const asHeaders of [headers, new Headers(headers)]) {
        for (const asSecrets of [secrets, secrets.join(", ")]) {
          const verified = webhooks.verify(given, asHeaders, asSecrets, tolerance);
          if (one.valid) {
            assert.equal((await verified).id, id);
          } else {
            await assert.rejects(verified, webhooks.InvalidSignature);
          }
        }
      }
    });
  }
});

/** The headers of a delivery, made by other code than the client's. */
function signed({ signed_by, age_seconds = 0 }: Signature, body: Buffer): Record<string, string> {
  if (signed_by === undefined) {
    return {};
  }
  const sent = String(Math.floor(Date.now() / MS) - age_seconds);
  const signatures = signed_by.map((name) => {
    const key = Buffer.from((TABLE.signatures.secrets[name] as string).slice("whsec_".length), "base64");
    return `v1,${createHmac("sha256", key).update(`t1.${sent}.`).update(body).digest("base64")}`;
  });
  return { "webhook-id": "t1", "webhook-timestamp": sent, "webhook-signature": signatures.join(" ") };
}
