/**
 * The API's words and TypeScript's: `run_at` is `runAt`, and a time is a Date. A payload, a result, labels and headers belong
 * to the caller, so nothing in them is changed.
 */

import type { Time } from "./openapi.js";

type Camel<Name extends string> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Name;
type Opaque = "payload" | "result" | "labels" | "headers";

/** A document of the API in TypeScript's words, with `When` for its times. */
type Translated<Document, When> = Document extends Time
  ? When
  : Document extends readonly (infer One)[]
    ? Translated<One, When>[]
    : Document extends object
      ? {
          [Name in keyof Document as Name extends string ? Camel<Name> : Name]: Name extends Opaque
            ? Document[Name]
            : Translated<Document[Name], When>;
        }
      : Document;

/** What the API answers. */
export type Answered<Document> = Translated<Document, Date>;
/** What a call is given. A time is a Date, or a text of RFC 3339 with its offset. */
export type Given<Document> = Translated<Document, Date | string>;

const OPAQUE = new Set<string>(["payload", "result", "labels", "headers"] satisfies Opaque[]);
// The names of times. A test compares them with the document.
const TIME = /(?:^|_)at$|_until$|^deadline$|^next_runs$/;
const DURATION = /_(?:seconds|ms)$/;
const INSTANT = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** An answer of the API in TypeScript's words. */
export function answered<Document>(document: Document): Answered<Document> {
  return translated(document, camel, "") as Answered<Document>;
}

/** Gives an object the members of an answer of the API, in TypeScript's words. */
export function assign(target: object, document: object): void {
  members(document, camel, target as Record<string, unknown>);
}

/** What a call was given, in the API's words. Throws RangeError for a time without an offset and for an invalid Date. */
export function given(options: object): Record<string, unknown> {
  return translated(options, snake, "") as Record<string, unknown>;
}

type Rule = (name: string, value: unknown) => readonly [string, unknown];

function translated(value: unknown, rule: Rule, name: string): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => translated(rule(name, one)[1], rule, name));
  }
  if (typeof value !== "object" || value === null || value instanceof Date) {
    return value;
  }
  return members(value, rule, {});
}

function members(value: object, rule: Rule, into: Record<string, unknown>): Record<string, unknown> {
  for (const [own, member] of Object.entries(value)) {
    const [other, changed] = rule(own, member);
    into[other] = OPAQUE.has(own) ? changed : translated(changed, rule, own);
  }
  return into;
}

// The API has few names, and a task has thirty of them.
const CAMEL = new Map<string, string>();

function camel(name: string, value: unknown): readonly [string, unknown] {
  let other = CAMEL.get(name);
  if (other === undefined) {
    other = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    CAMEL.set(name, other);
  }
  return [other, typeof value === "string" && TIME.test(name) ? new Date(value) : value];
}

function snake(name: string, value: unknown): readonly [string, unknown] {
  const other = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (TIME.test(other)) {
    return [other, instant(name, value)];
  }
  // The API takes whole seconds. Rounded up, so that nothing is earlier or shorter than asked.
  return [other, typeof value === "number" && DURATION.test(other) ? Math.ceil(value) : value];
}

function instant(name: string, value: unknown): unknown {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) {
      throw new RangeError(`${name} is an invalid Date`);
    }
    return value.toISOString();
  }
  if (typeof value === "string" && !INSTANT.test(value)) {
    throw new RangeError(
      `${name}: ${JSON.stringify(value)} is not a time with an offset: give a Date, or RFC 3339 such as 2026-11-23T08:00:00+01:00`,
    );
  }
  return value;
}
