/** What the API takes and answers, as it stands in the JSON. Times are RFC 3339. */

/** Any JSON. An integer that a number cannot hold exactly is a bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

export type Priority = "high" | "normal" | "low";
export type State = "scheduled" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HandlerTarget {
  /** The name of a handler of the stack's executor. */
  handler: string;
}

export interface HttpTarget {
  http: {
    url: string;
    /** `POST` unless given. */
    method?: Method;
    /** Answers show `*masked*` in the place of credentials. */
    headers?: Record<string, string>;
  };
}

export interface LambdaTarget {
  lambda: {
    /** The function's name or ARN. Only functions that the stack allows may be called. */
    function: string;
    invocation?: "request" | "event" | "durable";
    tenant_id?: string;
  };
}

export type Target = HandlerTarget | HttpTarget | LambdaTarget;

/** How often an attempt is made, and the waits between attempts. */
export interface RetryPolicy {
  /** Attempts in all, 1 to 100: 5 unless given. */
  max_attempts?: number;
  /** The shortest wait before another attempt: 1 s unless given. */
  min_backoff_seconds?: number;
  /** The longest wait before another attempt: 600 s unless given. */
  max_backoff_seconds?: number;
  /** How fast waits grow, 1 to 10: 2 unless given. */
  multiplier?: number;
}

/** What may be given for a task besides its target and payload. What is left out, or null, has the API's default. */
export interface TaskOptions {
  /** The name of the queue, `default` unless given. */
  queue?: string | null;
  /** The lane: `normal` unless given. */
  priority?: Priority | null;
  /** How long from now the first attempt may start. Not together with `run_at`. */
  delay_seconds?: number | null;
  /** When the first attempt may start. A time in the past means now. */
  run_at?: string | null;
  /** No attempt starts after it, and an attempt that runs is cut at it. */
  deadline?: string | null;
  /** How long an attempt may take: 60 s unless given. */
  timeout_seconds?: number | null;
  /** How often an attempt is made, and the waits between attempts. */
  retry?: RetryPolicy | null;
  /** The API makes one task for a key. If none is given, the client makes a key for each call. */
  idempotency_key?: string | null;
  /** Whose task it is. SQS takes turns between the keys of a lane, and a queue can have limits for each key. */
  fairness_key?: string | null;
  /** How long an attempt should take. Short tasks start first. */
  expected_duration_ms?: number | null;
  /** How long the record is kept after the task's end: 604,800 s (7 days) unless given. */
  retain_seconds?: number | null;
  /** Names and values to find the task by. */
  labels?: Readonly<Record<string, string>> | null;
  /** A task that follows when this one has succeeded. */
  on_success?: Callback | null;
  /** A task that follows when this one has failed, or its deadline has passed. */
  on_failure?: Callback | null;
}

/** A task that follows the end of another. */
export interface Callback {
  target: Target;
  /** Its queue: that of the ended task unless given. */
  queue?: string | null;
  /** What its target gets: a description of the ended task unless given. Lists leave it out. */
  payload?: unknown;
  labels?: Readonly<Record<string, string>> | null;
}

export interface NewTask extends TaskOptions {
  target: Target;
  /** Any JSON, at most 256 KiB. */
  payload?: unknown;
}

export interface Progress {
  done: number;
  total: number;
  /** When the handler reported it. */
  at: string;
}

export interface AttemptError {
  /** Such as `handler`, `http` or `timeout`. */
  kind: string;
  message: string;
  /** The number of the attempt that failed. */
  attempt: number;
  at: string;
}

/** A task as it was when the API answered. Lists and batches leave out `payload` and `result`. */
export interface Task {
  id: string;
  /** One of `State`, or what a newer release adds. */
  state: State;
  queue: string;
  target: Target;
  payload?: unknown;
  /** What the handler returned. Of an HTTP target, `{status, headers, body}` of its answer. */
  result?: unknown;
  /** The latest failure, until the task succeeds. */
  error: AttemptError | null;
  priority: Priority;
  /** How many attempts were counted. */
  attempt: number;
  /** How often the task entered the agenda. */
  generation: number;
  labels: Record<string, string>;
  /** The time of the first attempt, however it was asked for. */
  run_at: string;
  /** When the next attempt may start, while the task waits between attempts. */
  next_attempt_at: string | null;
  deadline: string | null;
  timeout_seconds: number;
  retry: Required<RetryPolicy>;
  idempotency_key: string | null;
  fairness_key: string | null;
  expected_duration_ms: number | null;
  retain_seconds: number;
  /** What the handler reported last. */
  progress: Progress | null;
  /** The schedule that made the task. */
  schedule: string | null;
  /** The task whose callback this is. */
  parent_id: string | null;
  on_success: Callback | null;
  on_failure: Callback | null;
  traceparent: string | null;
  created_at: string;
  /** When the latest attempt started. */
  started_at: string | null;
  finished_at: string | null;
  /** Until when the record of an ended task is kept. */
  retained_until: string | null;
}

/** Which tasks a list shows. A task must match all that are given. */
export interface Filters {
  queue?: string;
  state?: State;
  labels?: Readonly<Record<string, string>>;
}

/** Which tasks are changed. A task must match all that are given. */
export interface BulkFilters extends Filters {
  /** An empty list names no task. */
  ids?: readonly string[];
  /** Every task. */
  all?: boolean;
}

/** What a change of many tasks did: how many matched, and how many of them were changed. */
export interface BulkResult {
  matched: number;
  done: number;
}

export interface TaskChange {
  run_at?: string;
  priority?: Priority;
  /** Null removes the deadline. */
  deadline?: string | null;
}

/** At most `tasks` attempts start in `per_seconds`. */
export interface Rate {
  tasks: number;
  per_seconds: number;
  /** How many of them may start at once after a quiet time: 1 unless given. */
  burst?: number;
}

/** Limits of each fairness key of a queue. */
export interface KeyLimits {
  /** How many attempts of each key run at once. Null means no limit. */
  concurrency?: number | null;
  /** How many attempts of each key start in a period. Null means no limit. */
  rate?: Rate | null;
}

/** What is left out stays as it is. */
export interface QueueChange {
  paused?: boolean;
  /** How many attempts of the queue run at once. Null means no limit. */
  concurrency?: number | null;
  /** How many attempts of the queue start in a period. Null means no limit. */
  rate?: Rate | null;
  /** The same of each fairness key. Null means no limits. */
  per_key?: KeyLimits | null;
}

/** A number of tasks. The API stops counting at about a thousand. */
export type Count = number | { at_least: number };

/** A queue's settings, and how much it holds. Lists leave out the counts. */
export interface Queue {
  name: string;
  paused: boolean;
  concurrency: number | null;
  rate: Required<Rate> | null;
  per_key: { concurrency: number | null; rate: Required<Rate> | null };
  /** How many attempts count against `concurrency`. Only with that limit. */
  running?: number;
  /** How many tasks the queue holds back. */
  held?: Count;
  /** The fairness keys that hold back most, ten at most. Only if the keys had a limit once. */
  keys?: { key: string; running: number; held: Count }[];
  /** How many of its tasks ended as failed. */
  failed?: Count;
}

/** A schedule to put: exactly one of `cron` and `every_seconds` must be given. */
export interface NewSchedule {
  /** Without a time, a deadline or an idempotency key: each firing has its own. */
  task: NewTask;
  /** An expression for the clock of `time_zone`. */
  cron?: string | null;
  /** 1 s to 366 days. */
  every_seconds?: number | null;
  /** An IANA name: `UTC` unless given. */
  time_zone?: string | null;
  /** Whether a firing starts while the one before still runs: `allow` unless given. */
  overlap?: "allow" | "skip" | null;
  /** What happens to times that were missed: `once` unless given. */
  misfire?: "once" | "all" | "skip" | null;
  start_at?: string | null;
  end_at?: string | null;
  /** Firings start up to this time after theirs. */
  jitter_seconds?: number | null;
  paused?: boolean;
}

/** A schedule: a task that is submitted again and again. */
export interface Schedule {
  name: string;
  /** What each firing submits. Lists leave out its payload. */
  task: NewTask;
  cron: string | null;
  every_seconds: number | null;
  time_zone: string | null;
  overlap: "allow" | "skip";
  misfire: "once" | "all" | "skip";
  start_at: string | null;
  end_at: string | null;
  jitter_seconds: number;
  paused: boolean;
  /** When it fires, in plain words. */
  description: string;
  /** The next ten times, in UTC. A paused schedule has none. */
  next_runs: string[];
  /** The same times with the offset of `time_zone`. */
  next_runs_local: string[];
  /** Where other crons read this expression differently, and what happens when a clock changes. */
  notes: string[];
  /** The latest firing, and the task that it made. */
  last_run: { at: string; task_id: string | null } | null;
  created_at: string;
}

/** Messages of a queue of SQS: those that wait, those that an executor has, and those whose time has not come. */
export interface Messages {
  waiting: number;
  in_flight: number;
  delayed: number;
}

/** How much is in the stack. All numbers are approximate. */
export interface Stats {
  lanes: Record<Priority, Messages>;
  dead_letters: Messages;
  /** Tasks that are past their time and were not sent. */
  due_backlog: Count;
  /** How long the latest of those is past its time. */
  promotion_lag_seconds: number;
  /** Messages that cannot be read, and wait for a person. */
  unreadable: Count;
}

/** A fault of a request. One of `pointer`, `parameter` and `header` says where it is; the pointer "" is the whole body. */
export interface FieldError {
  /** What must be there instead, with the limit. */
  detail: string;
  pointer?: string;
  parameter?: string;
  header?: string;
}

/** A refusal, as RFC 9457 describes it. */
export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  errors?: FieldError[];
  state?: State;
  limit_bytes?: number;
  retry_after_seconds?: number;
}
