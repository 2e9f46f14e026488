/** Batches of tasks: how they are cut, and what each task's answer is. */

import { NotAnswered, problemOf, TaskwayError } from "./errors.js";
import { type Task, taskOf } from "./task.js";
import type * as wire from "./wire.js";

export const MOST_TASKS = 500;
/** So the stack has something to do while an answer is read and the next batch is sent. */
export const BATCHES_AT_ONCE = 3;
// AWS hands a request to its function as a string within JSON, 6 MB at most. There a quote or a backslash takes two bytes.
export const MOST_BYTES = 5 * 1024 * 1024;
const AROUND = '{"tasks":[]}'.length;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Tasks that are sent together: the key and the JSON of each. */
export interface Batch {
  readonly keys: readonly string[];
  readonly texts: readonly string[];
}

/** What became of one task of `submitMany`. */
export class Answer {
  /** The key of this task. With it the task can be submitted again safely. */
  readonly idempotencyKey: string;
  /** The task, or undefined if it was refused or got no answer. */
  readonly accepted: Task | undefined;
  /** Why it was not accepted: a Problem if the API refused it. NotAnswered leaves open whether it was accepted. */
  readonly error: TaskwayError | undefined;
  /** Whether the API had this task already, under its key. */
  readonly replayed: boolean;

  constructor(idempotencyKey: string, outcome: Task | TaskwayError, replayed = false) {
    this.idempotencyKey = idempotencyKey;
    this.accepted = outcome instanceof TaskwayError ? undefined : outcome;
    this.error = outcome instanceof TaskwayError ? outcome : undefined;
    this.replayed = replayed;
  }

  /** The accepted task. Throws the error if there is none. */
  get task(): Task {
    if (this.accepted === undefined) {
      throw this.error;
    }
    return this.accepted;
  }
}

/** The texts in order, in batches that the API takes. A text that is too large alone is a batch, and will be refused. */
export function* cut(texts: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let size = AROUND;
  for (const text of texts) {
    const weight = weightOf(text) + 1;
    if (batch.length > 0 && (batch.length === MOST_TASKS || size + weight > MOST_BYTES)) {
      yield batch;
      batch = [];
      size = AROUND;
    }
    batch.push(text);
    size += weight;
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/**
 * What `act` made of each one, in order. A few are under way at the same time. After the first failure no other is begun: those that
 * were not begun have that failure.
 */
export async function severalAtOnce<One, Done>(
  all: readonly One[],
  most: number,
  act: (one: One) => Promise<Done>,
): Promise<({ done: Done } | { failure: unknown })[]> {
  const outcomes: ({ done: Done } | { failure: unknown })[] = [];
  const failures: { failure: unknown }[] = [];
  let next = 0;
  const some = async () => {
    while (next < all.length) {
      const at = next++;
      try {
        outcomes[at] = failures[0] ?? { done: await act(all[at] as One) };
      } catch (failure) {
        outcomes[at] = { failure };
        failures.push({ failure });
      }
    }
  };
  await Promise.all(Array.from({ length: most }, some));
  return outcomes;
}

export function bodyOf(texts: readonly string[]): string {
  return `{"tasks":[${texts.join(",")}]}`;
}

export function answersOf(keys: readonly string[], { results }: wire.BatchResults): Answer[] {
  if (results.length !== keys.length) {
    throw new NotAnswered(`the API answered ${results.length} of ${keys.length} tasks`);
  }
  return results.map((one, at) =>
    "task" in one
      ? new Answer(keys[at] as string, taskOf(one.task as wire.Task), one.status === 200)
      : new Answer(keys[at] as string, problemOf(one.status, one.problem, new Headers())),
  );
}

const utf8 = new TextEncoder();

/** How many bytes a text takes as a string within JSON. */
export function weightOf(text: string): number {
  let weight = 0;
  for (const byte of utf8.encode(text)) {
    weight += byte === QUOTE || byte === BACKSLASH ? 2 : 1;
  }
  return weight;
}
