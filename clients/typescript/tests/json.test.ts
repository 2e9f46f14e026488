/** JSON, and the API's words in TypeScript. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decode, encode } from "taskway";
import { answered, given } from "../dist/names.js";

describe("what is written", () => {
  const values: [unknown, string][] = [
    [{ ü: [1, null, true, "🦀"] }, '{"ü":[1,null,true,"🦀"]}'],
    [2n ** 70n, "1180591620717411303424"],
    [[-0, 0, 1e21, 5e-324, 0.1], "[-0.0,0,1e+21,5e-324,0.1]"],
    [new Date("2026-11-29T12:00:00+02:00"), '"2026-11-29T10:00:00.000Z"'],
    [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
    [undefined, "null"],
    [
      new (class Welcome {
        user = 42;
        #secret = 1;
        get secret() {
          return this.#secret;
        }
      })(),
      '{"user":42}',
    ],
    [{ toJSON: () => ({ own: 1n }) }, '{"own":1}'],
    [new URL("https://example.com/a"), '"https://example.com/a"'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [{ ["__proto__"]: 1, 'a"\\\n': "\u2028" }, '{"__proto__":1,"a\\"\\\\\\n":"\u2028"}'],
  ];
  for (const [value, text] of values) {
    test(text, () => {
      assert.equal(encode(value), text);
      JSON.parse(text);
    });
  }
});

describe("what JSON does not have", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const values = [
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    new Date(Number.NaN),
    "\ud800",
    { "\udfff": 1 },
    new Map([[1, 2]]),
    new Set(),
    Promise.resolve(1),
    new Error("no"),
    /a/,
    new Uint8Array(2),
    () => 1,
    Symbol("a"),
    circle,
  ];
  for (const [at, value] of values.entries()) {
    test(`${at}: ${Object.prototype.toString.call(value)}`, () => {
      for (const nested of [value, { a: [value] }]) {
        assert.throws(
          () => encode(nested),
          (error) => error instanceof RangeError || error instanceof TypeError,
        );
      }
    });
  }
});

describe("what is read", () => {
  const texts: [string, unknown][] = [
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["[-9007199254740993,1]", [-9007199254740993n, 1]],
    ['{"1234567890123456789":[1234567890123456789]}', { "1234567890123456789": [1234567890123456789n] }],
    ['"1234567890123456789"', "1234567890123456789"],
    ['["a\\"1234567890123456789", 1234567890123456789]', ['a"1234567890123456789', 1234567890123456789n]],
    ['["\\\\", 1234567890123456789, "\\\\"]', ["\\", 1234567890123456789n, "\\"]],
    ['{"id":"a1234567890123456789","n":-1234567890123456789}', { id: "a1234567890123456789", n: -1234567890123456789n }],
    ["[1,1234567890123456789]", [1, 1234567890123456789n]],
    ["[0.1234567890123456, 1.5e300, 1234567890123456700e0]", [0.1234567890123456, 1.5e300, 1234567890123456800]],
    ["1000000000000000000000000", 10n ** 24n],
  ];
  for (const [text, value] of texts) {
    test(text, () => assert.deepStrictEqual(decode(text), value));
  }

  test("what is not JSON", () => {
    for (const text of ["", "{", "1234567890123456789x", "[01234567890123456789]", "nul", '"\n1234567890123456789"']) {
      assert.throws(() => decode(text), SyntaxError, text);
    }
  });

  test("a long text is read in time, also with a long integer behind it", () => {
    const long = `["${"x\\n".repeat(1_000_000)}", 12345678901234567890]`;
    assert.deepStrictEqual((decode(long) as unknown[])[1], 12345678901234567890n);
  });
});

describe("words", () => {
  test("an answer's", () => {
    assert.deepStrictEqual(
      answered({
        run_at: "2026-11-29T10:00:00.000Z",
        retained_until: null,
        expected_duration_ms: 7,
        payload: { run_at: "2026-11-29T10:00:00.000Z", a_b: 1 },
        labels: { created_at: "2026-11-29T10:00:00.000Z" },
        last_run: { at: "2026-11-29T10:00:00.000Z", task_id: "t_1" },
        next_runs: ["2026-11-29T10:00:00.000Z"],
        next_runs_local: ["2026-11-29T11:00:00.000+01:00"],
        held: { at_least: 1000 },
        new_field: [{ and_so_on: 1 }],
      }),
      {
        runAt: new Date("2026-11-29T10:00:00Z"),
        retainedUntil: null,
        expectedDurationMs: 7,
        payload: { run_at: "2026-11-29T10:00:00.000Z", a_b: 1 },
        labels: { created_at: "2026-11-29T10:00:00.000Z" },
        lastRun: { at: new Date("2026-11-29T10:00:00Z"), taskId: "t_1" },
        nextRuns: [new Date("2026-11-29T10:00:00Z")],
        nextRunsLocal: ["2026-11-29T11:00:00.000+01:00"],
        held: { atLeast: 1000 },
        newField: [{ andSoOn: 1 }],
      },
    );
  });

  test("a call's", () => {
    assert.deepStrictEqual(
      given({
        runAt: new Date("2026-11-29T10:00:00Z"),
        deadline: "2026-11-29t10:00:00.123456789+05:45",
        delaySeconds: 1.2,
        expectedDurationMs: 0.5,
        retry: { maxAttempts: 3, multiplier: 1.5, maxBackoffSeconds: 0.1 },
        payload: { delaySeconds: 1.2 },
        labels: { deadLine: "x" },
        perKey: { rate: { perSeconds: 1 } },
      }),
      {
        run_at: "2026-11-29T10:00:00.000Z",
        deadline: "2026-11-29t10:00:00.123456789+05:45",
        delay_seconds: 2,
        expected_duration_ms: 1,
        retry: { max_attempts: 3, multiplier: 1.5, max_backoff_seconds: 1 },
        payload: { delaySeconds: 1.2 },
        labels: { deadLine: "x" },
        per_key: { rate: { per_seconds: 1 } },
      },
    );
  });

  test("times that are none", () => {
    for (const runAt of ["2026-11-29T10:00:00", "2026-11-29", "tomorrow", new Date(Number.NaN)]) {
      assert.throws(() => given({ runAt }), RangeError);
    }
  });
});
