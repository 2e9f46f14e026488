/** What the API takes and answers, as it stands in the JSON. The types come from the API's document, by way of `openapi.ts`. */

import type { components, operations } from "./openapi.js";

type Schemas = components["schemas"];
type Query<Operation extends keyof operations> = NonNullable<operations[Operation]["parameters"]["query"]>;
type Paging = "limit" | "cursor";

/**
 * An answer of the API, which has these members wherever it names them. The document lets them be null, because it is made from
 * types that also read the answers of other releases.
 */
type Answer<Document, Names extends keyof Document> = {
  [Name in keyof Document]: Name extends Names ? NonNullable<Document[Name]> : Document[Name];
};

/** A page of a list. */
type Page<List, One> = { [Name in keyof List]: List[Name] extends readonly unknown[] ? One[] : List[Name] };

/** A union as one type: a member that only some have is optional. */
type Merged<Union> = Pick<Union, keyof Union> & { [Name in Exclude<NameOf<Union>, keyof Union>]?: MemberOf<Union, Name> };
type NameOf<Union> = Union extends unknown ? keyof Union : never;
type MemberOf<Union, Name> = Union extends unknown ? (Name extends keyof Union ? Union[Name] : never) : never;
/** A union without these members of each. */
type Without<Union, Names extends PropertyKey> = Union extends unknown ? Omit<Union, Names> : never;
/** The members that have names. */
type Named<Document> = { [Name in keyof Document as string extends Name ? never : Name]: Document[Name] };

/** Any JSON. An integer that a number cannot hold exactly is a bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

export type Priority = Schemas["Priority"];
export type State = Schemas["Task"]["state"];
export type Method = NonNullable<Schemas["HttpTargetRequest"]["method"]>;

/** The target of a task to submit. */
export type NewTarget = Schemas["TargetRequest"];
export type HttpTarget = Extract<NewTarget, { http: unknown }>;
/** The target of a task that the API has. Credentials are masked. */
export type Target = Schemas["Target"];

/** What may be given for a task besides its target and payload. What is left out, or null, has the API's default. */
export type TaskOptions = Omit<Schemas["TaskRequest"], "target" | "payload">;
export type TaskChange = Schemas["TaskChangeRequest"];

/** A task as it was when the API answered. Lists and batches leave out `payload` and `result`. */
export type Task = Answer<Schemas["TaskSummary"] & Partial<Schemas["Task"]>, "target" | "run_at" | "created_at">;
export type TaskList = Page<Schemas["TaskList"], Task>;
export type BatchResults = Schemas["BatchResults"];
export type AttemptError = Schemas["TaskError"];
export type PastAttempt = Schemas["PastAttempt"];

/** Which tasks a list shows. A task must match all that are given. */
export type Filters = Omit<Query<"listTasks">, Paging>;
export type DeadFilters = Omit<Query<"listFailedTasks">, Paging>;
/** Which tasks are changed. A task must match all that are given. */
export type BulkFilters = Omit<Schemas["CancelRequest"], Paging>;
/** Without a filter, every failed task is started again. */
export type RedriveFilters = Omit<Schemas["RedriveRequest"], Paging>;
export type BulkAnswer = Schemas["BulkResult"];

/** What is left out stays as it is. */
export type QueueChange = Schemas["QueueRequest"];
/** A queue's settings, and how much it holds. Lists leave out the counts. */
export type Queue = Answer<Schemas["Queue"], "running" | "held" | "keys" | "failed">;
export type QueueList = Page<Schemas["QueueList"], Queue>;

/** What an answer has, and a request does not need. The API takes it, so that an answer can be put again. */
type OfAnswers = "name" | "description" | "created_at" | "last_run" | "next_runs" | "next_runs_local" | "notes";
/** When a schedule fires, and how: exactly one of `cron` and `every_seconds` must be given. */
export type Timing = Without<Schemas["ScheduleRequest"], "task" | OfAnswers>;
/** What each firing submits: a task without a time, a deadline and an idempotency key of its own. */
export type FiringOptions = Omit<Schemas["ScheduleTaskRequest"], "target" | "payload">;
/** A schedule: a task that is submitted again and again. */
export type Schedule = Answer<Schemas["Schedule"], "task" | "description" | "created_at">;
export type ScheduleList = Page<Schemas["ScheduleList"], Schedule>;

/** An upload that is to be made, and how. */
export type UploadRequest = Schemas["UploadRequest"];
export type Upload = Schemas["Upload"];

/** How much is in the stack. All numbers are approximate. */
export type Stats = Schemas["Stats"];

/** A fault of a request. One of `pointer`, `parameter` and `header` says where it is; the pointer "" is the whole body. */
export type FieldError = Merged<Schemas["FieldError"]>;

/** The schemas of problems, each with its type. */
export type ProblemName = Exclude<Extract<keyof Schemas, `${string}Problem`>, "Problem">;
type AnyProblem = { [Name in ProblemName]: Named<Schemas[Name]> }[ProblemName];
/** The types of problems, such as `/problems/validation`. */
export type ProblemType = AnyProblem["type"];
/** A refusal, as RFC 9457 describes it. What stands before the API, such as API Gateway, leaves out what it likes. */
export type ProblemDocument = Partial<Merged<Named<Schemas["Problem"]> | AnyProblem>>;
