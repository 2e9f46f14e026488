/** A client of Taskway, and handlers for its tasks. */

export { App, type AppOptions, type LambdaEvent } from "./app.js";
export { Answer } from "./batches.js";
export {
  type BulkFilters,
  type BulkResult,
  type CallOptions,
  type ClientOptions,
  type Filters,
  type NewSchedule,
  type PageOptions,
  type Queue,
  type QueueChange,
  type Schedule,
  type Stats,
  type TaskChange,
  Taskway,
} from "./client.js";
export {
  BadRequest,
  fieldOf,
  Invalid,
  KeyReused,
  NotAnswered,
  NotFound,
  Problem,
  StateConflict,
  TaskwayError,
  Throttled,
  TooLarge,
  Unauthorized,
  Unavailable,
  WaitTimeout,
} from "./errors.js";
export { type Context, Fatal, type Handler, type Reader, Retry, type Schema } from "./handlers.js";
export { decode, encode } from "./json.js";
export type { Clock } from "./sender.js";
export type { AttemptError, NewTask, PastAttempt, Target, Task, TaskOptions, TaskRef } from "./task.js";
export type { Part, Uploadable } from "./transfers.js";
export * as webhooks from "./webhooks.js";
export type { FieldError, Json, Method, Priority, State } from "./wire.js";
