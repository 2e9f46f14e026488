/** A task as the API answers it, and one to submit. */

import { decode, key } from "./json.js";
import { type Answered, assign, type Given, given } from "./names.js";
import type * as wire from "./wire.js";

class AnsweredTask {
  declare readonly state: wire.Task["state"];
  declare readonly target: Answered<wire.Task["target"]>;
  declare readonly result?: wire.Task["result"];
  declare readonly resultUrl?: wire.Task["result_url"];

  constructor(document: wire.Task) {
    assign(this, document);
  }

  /** Whether the task is in one of its four last states. */
  get ended(): boolean {
    return ["succeeded", "failed", "cancelled", "expired"].includes(this.state);
  }

  /**
   * What the handler returned; null if the task has not succeeded, and `error` says why. Of an HTTP target, the JSON in the body of
   * its answer; throws SyntaxError if that is not JSON, and `result` has the whole answer. Throws RangeError for a result that is
   * too large for an answer: download that.
   */
  get value(): unknown {
    const { result, resultUrl, target } = this;
    if (resultUrl) {
      throw new RangeError("the result is too large for an answer: download it");
    }
    if (result && target && "http" in target) {
      const text = String((result as { body?: unknown }).body);
      try {
        return decode(text);
      } catch (cause) {
        throw new SyntaxError("the answer of the task is not JSON: its text is in result.body", { cause });
      }
    }
    return result;
  }
}

/** A task as it was when the API answered. Lists and batches leave out `payload` and `result`. */
export type Task = Readonly<Answered<wire.Task>> & AnsweredTask;

/** Why an attempt failed. */
export type AttemptError = Readonly<Answered<wire.AttemptError>>;

/** An attempt that failed, and that another one followed. */
export type PastAttempt = Readonly<Answered<wire.PastAttempt>>;

/** A task, or its id. */
export type TaskRef = string | { readonly id: string };

/** The name of a handler, the URL of a receiver, or a target as the API has it. */
export type Target = string | Given<wire.NewTarget>;

export type TaskOptions = Given<wire.TaskOptions>;

/** A task to submit: its target, its payload and its options. */
export interface NewTask extends TaskOptions {
  target: Target;
  /** Any JSON, at most 256 KiB. Integers that a number cannot hold exactly are bigint. */
  payload?: unknown;
}

export function taskOf(document: wire.Task): Task {
  return new AnsweredTask(document) as Task;
}

export function idOf(task: TaskRef): string {
  const id: unknown = typeof task === "string" ? task : (task as { id?: unknown } | undefined)?.id;
  if (typeof id !== "string") {
    throw new TypeError("a task, or its id, is expected");
  }
  return id;
}

/** The task as the API takes it. */
export function documentOf({ target, ...rest }: NewTask): Record<string, unknown> {
  return { target: typeof target === "string" ? named(target) : given(target), ...given(rest) };
}

/**
 * The task with an idempotency key, so that a repeated request makes no second one. Throws RangeError for a task that is to
 * replace another and has no key.
 */
export function withKey(task: NewTask): NewTask & { idempotencyKey: string } {
  if (typeof task !== "object" || task === null) {
    throw new TypeError(`a task is an object with a target, not ${String(task)}`);
  }
  if (task.replace && !task.idempotencyKey) {
    throw new RangeError("a task with replace: true needs the idempotencyKey of the task whose place it takes");
  }
  return { ...task, idempotencyKey: task.idempotencyKey ?? key() };
}

/** A handler's name has no colon. */
function named(target: string): wire.NewTarget {
  return target.includes("://") ? { http: { url: target } } : { handler: target };
}
