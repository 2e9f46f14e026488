/** What can go wrong. Every error of a call that was sent is a TaskwayError. */

import type { Task } from "./task.js";
import type { FieldError, ProblemDocument, State } from "./wire.js";

/** A call did not do what it should. */
export class TaskwayError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // A bundler may rename classes, so each has its name as text.
    this.name = "TaskwayError";
  }
}

/** No answer came within the client's timeout. The stack may have done what was asked. `cause` says what broke. */
export class NotAnswered extends TaskwayError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NotAnswered";
  }
}

/** The task has not ended within the time given to `wait`. It goes on. */
export class WaitTimeout extends TaskwayError {
  /** The task as it was last seen. */
  readonly task: Task;

  constructor(task: Task) {
    super(`task ${task.id} is still ${task.state}`);
    this.name = "WaitTimeout";
    this.task = task;
  }
}

/** The API refused a call, as RFC 9457 describes. The classes below say which kind it is. */
export class Problem extends TaskwayError {
  /** The HTTP status. */
  readonly status: number;
  /** The kind, such as `/problems/validation`. */
  readonly type: string;
  readonly title: string;
  readonly detail: string | undefined;
  /** Every fault of the request at once, each with its limit in its `detail`. */
  readonly errors: readonly FieldError[];
  /** Everything that the API said. */
  readonly document: ProblemDocument;
  /** The id under which the stack's log has this call. */
  readonly requestId: string | undefined;
  /** How many seconds the API asks to wait before another try. */
  readonly retryAfterSeconds: number | undefined;

  constructor(name: string, status: number, document: ProblemDocument & { message?: unknown }, headers: Headers) {
    const title = document.title ?? `HTTP status ${status}`;
    const errors = Array.isArray(document.errors) ? document.errors : [];
    const faults = errors.map((one) => `${fieldOf(one)} ${one.detail}`.trim()).join("; ");
    const requestId = headers.get("x-request-id") ?? undefined;
    const text = faults || document.detail || String(document.message ?? title);
    super(`${text} (HTTP ${status}${requestId === undefined ? "" : `, request ${requestId}`})`);
    this.name = name;
    this.status = status;
    this.type = document.type ?? "about:blank";
    this.title = title;
    this.detail = document.detail ?? undefined;
    this.errors = errors;
    this.document = document;
    this.requestId = requestId;
    this.retryAfterSeconds = secondsOf(headers.get("retry-after"));
  }
}

/** 400: the request cannot be read. */
export class BadRequest extends Problem {}

/** 401 or 403: the API does not know the caller, or does not let it in. */
export class Unauthorized extends Problem {}

/** 404: there is no such task, schedule or queue. */
export class NotFound extends Problem {}

/** 409: the task's state does not allow it. */
export class StateConflict extends Problem {
  /** The state that the task has. */
  get state(): State | undefined {
    return this.document.state;
  }
}

/** 413: the request is too large. */
export class TooLarge extends Problem {
  /** How large it may be. */
  get limitBytes(): number | undefined {
    return this.document.limit_bytes;
  }
}

/** 422: fields of the request are not what they must be. `errors` names each with its limit. */
export class Invalid extends Problem {}

/** 422: the idempotency key was used for another task. */
export class KeyReused extends Invalid {}

/** 429: too many calls. The client has tried again until its timeout. */
export class Throttled extends Problem {}

/** 5xx: the API or what it stands on failed. The client has tried again until its timeout. */
export class Unavailable extends Problem {}

/** The place of a fault: a JSON pointer into the body, or the name of a parameter or header. */
export function fieldOf(error: FieldError): string {
  return error.pointer ?? error.parameter ?? error.header ?? "";
}

type Kind = readonly [string, typeof Problem];

const BY_STATUS: Record<number, Kind> = {
  400: ["BadRequest", BadRequest],
  401: ["Unauthorized", Unauthorized],
  403: ["Unauthorized", Unauthorized],
  404: ["NotFound", NotFound],
  409: ["StateConflict", StateConflict],
  413: ["TooLarge", TooLarge],
  422: ["Invalid", Invalid],
  429: ["Throttled", Throttled],
};

/** The error for an answer. What stands before the API, such as API Gateway, answers without a problem document. */
export function problemOf(status: number, given: unknown, headers: Headers): Problem {
  const document: ProblemDocument = typeof given === "object" && given !== null ? given : {};
  const [name, kind] = kindOf(status, document.type);
  return new kind(name, status, document, headers);
}

function kindOf(status: number, type: string | undefined): Kind {
  if (type === "/problems/idempotency-key-reused") {
    return ["KeyReused", KeyReused];
  }
  return BY_STATUS[status] ?? (status >= 500 ? ["Unavailable", Unavailable] : ["Problem", Problem]);
}

function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) {
    return undefined;
  }
  if (/^\s*\d+\s*$/.test(retryAfter)) {
    return Number(retryAfter);
  }
  // A date, which proxies send and Taskway does not.
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1000);
}
