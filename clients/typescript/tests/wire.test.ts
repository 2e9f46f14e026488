/**
 * The API's document and the client agree. The compiler compares these tables with the types of the document, so a member that
 * the API gains, loses or renames must be looked at here.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Problem, StateConflict, TooLarge } from "taskway";
import { problemOf } from "../dist/errors.js";
import { answered, given } from "../dist/names.js";
import type { components, Time } from "../dist/openapi.js";
import type { ProblemDocument, ProblemType } from "../dist/wire.js";
import { ROOT } from "./stack.js";

type Schemas = components["schemas"];

/** A time becomes a Date. What is the caller's own is left alone. The rest has the client's names and is otherwise kept. */
type Treatment<Name, Member> =
  Extract<Member, Time | Time[]> extends never
    ? Name extends "payload" | "result" | "labels" | "headers"
      ? "own"
      : "kept"
    : "time";
type Treatments<Schema extends keyof Schemas> = {
  [Name in keyof Schemas[Schema]]-?: Treatment<Name, Schemas[Schema][Name]>;
};

const MEMBERS = {
  Task: {
    attempt: "kept",
    created_at: "time",
    deadline: "time",
    error: "kept",
    expected_duration_ms: "kept",
    fairness_key: "kept",
    finished_at: "time",
    generation: "kept",
    held: "kept",
    id: "kept",
    idempotency_key: "kept",
    labels: "own",
    next_attempt_at: "time",
    on_failure: "kept",
    on_success: "kept",
    parent_id: "kept",
    past_attempts: "kept",
    payload: "own",
    payload_ref: "kept",
    payload_url: "kept",
    priority: "kept",
    progress: "kept",
    queue: "kept",
    result: "own",
    result_url: "kept",
    retain_seconds: "kept",
    retained_until: "time",
    retry: "kept",
    run_at: "time",
    schedule: "kept",
    started_at: "time",
    state: "kept",
    target: "kept",
    timeout_seconds: "kept",
    traceparent: "kept",
  },
  TaskRequest: {
    deadline: "time",
    delay_seconds: "kept",
    expected_duration_ms: "kept",
    fairness_key: "kept",
    idempotency_key: "kept",
    labels: "own",
    on_failure: "kept",
    on_success: "kept",
    payload: "own",
    payload_ref: "kept",
    priority: "kept",
    queue: "kept",
    replace: "kept",
    retain_seconds: "kept",
    retry: "kept",
    run_at: "time",
    target: "kept",
    timeout_seconds: "kept",
  },
  CallbackRequest: { labels: "own", payload: "own", queue: "kept", target: "kept" },
  TaskChangeRequest: { deadline: "time", priority: "kept", run_at: "time" },
  Queue: {
    concurrency: "kept",
    failed: "kept",
    held: "kept",
    keys: "kept",
    name: "kept",
    paused: "kept",
    per_key: "kept",
    rate: "kept",
    running: "kept",
  },
  QueueRequest: { concurrency: "kept", paused: "kept", per_key: "kept", rate: "kept" },
  Schedule: {
    created_at: "time",
    cron: "kept",
    description: "kept",
    end_at: "time",
    every_seconds: "kept",
    jitter_seconds: "kept",
    last_run: "kept",
    misfire: "kept",
    name: "kept",
    next_runs: "time",
    next_runs_local: "kept",
    notes: "kept",
    overlap: "kept",
    paused: "kept",
    start_at: "time",
    task: "kept",
    time_zone: "kept",
  },
  ScheduleTaskRequest: {
    expected_duration_ms: "kept",
    fairness_key: "kept",
    labels: "own",
    on_failure: "kept",
    on_success: "kept",
    payload: "own",
    priority: "kept",
    queue: "kept",
    retain_seconds: "kept",
    retry: "kept",
    target: "kept",
    timeout_seconds: "kept",
  },
  Stats: {
    dead_letters: "kept",
    due_backlog: "kept",
    lanes: "kept",
    ended: "kept",
    programs: "kept",
    promotion_lag_seconds: "kept",
    unreadable: "kept",
    usage: "kept",
  },
  MonthOfUsage: { month: "kept", read_units: "kept", sqs_requests: "kept", write_units: "kept" },
  EndedMinute: { at: "time", cancelled: "kept", expired: "kept", failed: "kept", succeeded: "kept" },
  Program: { first_seen_at: "time", handlers: "kept", last_seen_at: "time", running: "kept" },
} satisfies { [Schema in keyof Schemas]?: Treatments<Schema> };

/** Where a Problem has what its document says. */
const PROBLEM = {
  detail: "detail",
  errors: "errors",
  limit_bytes: "limitBytes",
  offset: "document",
  pointer: "document",
  retry_after_seconds: "retryAfterSeconds",
  state: "state",
  status: "status",
  title: "title",
  type: "type",
} satisfies Record<keyof ProblemDocument, keyof Problem | keyof StateConflict | keyof TooLarge>;

const PROBLEMS: Record<ProblemType, string> = {
  "/problems/bad-request": "BadRequest",
  "/problems/idempotency-key-reused": "KeyReused",
  "/problems/internal": "Unavailable",
  "/problems/method-not-allowed": "Problem",
  "/problems/not-found": "NotFound",
  "/problems/not-json": "BadRequest",
  "/problems/state-conflict": "StateConflict",
  "/problems/throttled": "Throttled",
  "/problems/too-large": "TooLarge",
  "/problems/unauthorized": "Unauthorized",
  "/problems/unavailable": "Unavailable",
  "/problems/unsupported-media-type": "Problem",
  "/problems/validation": "Invalid",
};

interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const SCHEMAS: Readonly<Record<string, Schema>> = JSON.parse(readFileSync(`${ROOT}docs/openapi.json`, "utf8")).components
  .schemas;
const TIME = "2026-11-23T08:00:00.000Z";

/** What the client does with a member of this name. */
function treatment(name: string): string {
  const [asTime] = Object.values(answered({ [name]: TIME })) as unknown[];
  const [asObject] = Object.values(answered({ [name]: { own_name: 1 } })) as object[];
  return asTime instanceof Date ? "time" : Object.keys(asObject ?? {})[0] === "own_name" ? "own" : "kept";
}

function wanted(schema: Schema): string {
  if ([schema.format, schema.items?.format].includes("date-time")) {
    return "time";
  }
  // Any JSON, or names that the caller chooses.
  const any = !["type", "$ref", "anyOf", "oneOf", "const"].some((word) => word in schema);
  return any || typeof schema.additionalProperties === "object" ? "own" : "kept";
}

/** All members of a schema, also those of its alternatives. */
function* members(schema: Schema): Generator<[string, Schema]> {
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    yield [name, member];
    yield* members(member);
  }
  for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    yield* members(part);
  }
}

describe("the API's document", () => {
  for (const [schema, treatments] of Object.entries(MEMBERS)) {
    test(`the client treats each member of ${schema} as its type says`, () => {
      const all = Object.keys(treatments).map((name) => [name, treatment(name)]);
      assert.deepEqual(Object.fromEntries(all), treatments);
    });
  }

  test("the client treats each member of every schema as the document describes it", () => {
    let count = 0;
    for (const [schema, description] of Object.entries(SCHEMAS)) {
      for (const [name, member] of members(description)) {
        // The request of a schedule takes back what an answer has, and does not read it.
        if (schema === "ScheduleRequest" && wanted(member) === "own") {
          continue;
        }
        // Names that the caller chooses, in a list: left alone in any case.
        if (name === "headers" && member.items?.type === "string") {
          continue;
        }
        assert.equal(treatment(name), wanted(member), `${schema}.${name}`);
        const [there] = Object.keys(answered({ [name]: 1 }));
        assert.deepEqual(Object.keys(given({ [there ?? ""]: null })), [name], `${schema}.${name} and back`);
        count += 1;
      }
    }
    assert.ok(count > 200, `${count} members`);
  });

  for (const [type, name] of Object.entries(PROBLEMS)) {
    test(`${type} is a ${name}`, () => {
      const described = Object.values(SCHEMAS).find(({ properties }) => properties?.type?.const === type);
      const document = Object.fromEntries(Object.keys(described?.properties ?? {}).map((name) => [name, null]));
      const status = Number(described?.properties?.status?.const);
      const problem = problemOf(status, { ...document, type, status }, new Headers());
      assert.equal(problem.name, name);
      for (const member of Object.keys(document) as (keyof ProblemDocument)[]) {
        assert.ok(PROBLEM[member] in problem, `${name}.${PROBLEM[member]}`);
      }
    });
  }
});
