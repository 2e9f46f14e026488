/** JSON as Taskway reads and writes it: integers of any size, and nothing that JSON does not have. */

import { hex } from "./hex.js";

// Deeper values are cyclic. The API takes 64 levels.
const DEEPEST = 1000;
// An integer that a number may not hold exactly has 16 digits or more. Digits within a key or an id are none: one of a few hundred
// random keys has so many in a row.
const LONG_INTEGER = /^-?\d{16}|[\s:,[]-?\d{16}/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;

/**
 * The JSON of a value. A bigint is written as an integer, and `toJSON` is honoured. Throws TypeError for what has no JSON,
 * such as a Map, a Promise or a function, and RangeError for NaN, infinity, an invalid date and text that is not Unicode.
 */
export function encode(value: unknown): string {
  return written(value, "", 0) ?? "null";
}

/** The value of JSON. An integer that a number cannot hold exactly becomes a bigint. Throws SyntaxError. */
export function decode(text: string): unknown {
  if (!LONG_INTEGER.test(text)) {
    return JSON.parse(text);
  }
  // Numbers lose their digits in JSON.parse, so a long integer passes as a string that no text can contain by chance.
  const mark = key();
  const marked = text.replace(TOKEN, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_name, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** 128 random bits in hex. */
export function key(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** The JSON of a value, or undefined for a member that JSON leaves out. */
function written(given: unknown, name: string, depth: number): string | undefined {
  if (depth > DEEPEST) {
    throw new RangeError("the value is nested too deep, or contains itself");
  }
  if (given instanceof Date && Number.isNaN(given.getTime())) {
    throw new RangeError("the date is invalid");
  }
  const value = hasJson(given) ? given.toJSON(name) : given;
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      if (!Number.isFinite(value)) {
        throw new RangeError(`JSON has no number for ${value}`);
      }
      return Object.is(value, -0) ? "-0.0" : String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return undefined;
    case "object":
      return value === null ? "null" : composite(value, depth + 1);
    default:
      throw new TypeError(`a ${typeof value} has no JSON`);
  }
}

function composite(value: object, depth: number): string {
  if (Array.isArray(value)) {
    return `[${value.map((one, index) => written(one, String(index), depth) ?? "null").join(",")}]`;
  }
  // A Map, a Promise or an Error would otherwise become {} without a word.
  const kind = Object.prototype.toString.call(value);
  if (kind !== "[object Object]") {
    throw new TypeError(`${kind} has no JSON: give a plain object, an array, a string or a number`);
  }
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    const one = written(member, name, depth);
    if (one !== undefined) {
      members.push(`${text(name)}:${one}`);
    }
  }
  return `{${members.join(",")}}`;
}

function text(value: string): string {
  // With the flag `u` this matches only a surrogate that has no partner.
  if (/\p{Surrogate}/u.test(value)) {
    throw new RangeError("the text has half of a surrogate pair, which is not Unicode");
  }
  return JSON.stringify(value);
}

function hasJson(value: unknown): value is { toJSON(name: string): unknown } {
  return typeof value === "object" && value !== null && typeof (value as { toJSON?: unknown }).toJSON === "function";
}
