/** Handlers in a Lambda function. The events are those that the target `lambda` sends. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { App, type Context, Fatal, type LambdaEvent, Retry } from "taskway";
import * as z from "zod";

function event(payload: unknown, told: Partial<LambdaEvent["taskway"]> = {}): LambdaEvent {
  const about = { id: "t1", queue: "orders", attempt: 2, fence: 9, deadline: "2026-11-29T10:00:00.000Z", labels: {} };
  return { taskway: { ...about, traceparent: null, ...told }, payload };
}

test("a single handler needs no name", async () => {
  const app = new App();
  let seen: Context | undefined;
  app.task("ship", z.object({ id: z.int() }), (order, context) => {
    seen = context;
    return { id: order.id + 1, at: new Date(0) };
  });
  const { lambdaHandler } = app;
  assert.deepEqual(await lambdaHandler(event({ id: 1 }), {}), { id: 2, at: "1970-01-01T00:00:00.000Z" });
  const { signal, ...rest } = seen ?? assert.fail();
  assert.equal(signal.aborted, false);
  assert.deepEqual(rest, {
    id: "t1",
    attempt: 2,
    fence: 9,
    traceparent: undefined,
    queue: "orders",
    deadline: new Date("2026-11-29T10:00:00Z"),
    labels: {},
  });
});

const app = new App({ onError: () => {} });
app.task("later", z.number(), (afterSeconds) => {
  throw new Retry("later", { afterSeconds });
});
app.task("soon", () => {
  throw new Retry("not yet");
});
app.task("breaks", () => {
  throw new TypeError("shelf");
});
app.task("fatal", () => {
  throw new Fatal("no such user");
});
app.task("large", () => 2n ** 70n);
app.task("echo", (payload) => payload);

describe("the label names the handler", () => {
  for (const [name, payload, answer] of [
    ["later", 1.5, { taskway: { retry_after_seconds: 2 } }],
    ["fatal", null, { taskway: { fatal: "no such user" } }],
    [
      "later",
      "x",
      { taskway: { fatal: "the payload does not fit the handler: Invalid input: expected number, received string" } },
    ],
    [
      "large",
      null,
      { taskway: { fatal: "the result has an integer beyond 2^53, which a function cannot return: make it a text" } },
    ],
    ["echo", [1], [1]],
    ["echo", undefined, null],
  ] as const) {
    test(`${name} ${JSON.stringify(payload)}`, async () => {
      assert.deepEqual(await app.lambdaHandler(event(payload, { labels: { handler: name } })), answer);
    });
  }
});

test("other errors are errors of the function", async () => {
  await assert.rejects(app.lambdaHandler(event(null, { labels: { handler: "breaks" } })), TypeError);
  await assert.rejects(app.lambdaHandler(event(null, { labels: { handler: "soon" } })), Retry);
});

for (const labels of [{}, { handler: "none" }, null]) {
  test(`without a name that is known the task fails for good: ${JSON.stringify(labels)}`, async () => {
    const { taskway } = (await app.lambdaHandler(event(null, { labels }))) as { taskway: { fatal: string } };
    assert.ok(taskway.fatal.startsWith("the task's label handler must name one of later, soon"), taskway.fatal);
  });
}
