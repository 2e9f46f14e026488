/** Handlers behind a real server, called by the stack's executor. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, describe, test } from "node:test";
import { App, type Context, Fatal, Retry, type Task, type TaskOptions, Taskway, webhooks } from "taskway";
import { listener } from "taskway/node";
import * as z from "zod";
import { Deliveries, REMEMBERED } from "../dist/deliveries.js";
import { SECRET, startedStack } from "./stack.js";

const stack = startedStack();
const SOON = { retry: { maxAttempts: 4, minBackoffSeconds: 0, maxBackoffSeconds: 0 } };

/** What the handlers have seen, by task. */
const seen = new Map<string, Context[]>();
const failures: [unknown, string][] = [];
const app = new App({ secrets: SECRET, onError: (error, handler) => failures.push([error, handler]) });
let server: Server;
let url = "";

function saw(context: Context): void {
  seen.set(context.id, [...(seen.get(context.id) ?? []), context]);
}

/** Sleeps, and stops when nobody waits any more. */
async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

const Welcome = z.object({ user: z.int(), name: z.string().default("nobody") });
app.task("welcome", Welcome, (welcome, context) => {
  saw(context);
  return { to: `${welcome.name}-${welcome.user}`, attempt: context.attempt };
});
app.task("checked", numberOf, async (number: number) => number + 1);
const busy = app.task("busy", async (_payload, context) => {
  saw(context);
  if (context.attempt === 1) {
    throw new Retry("the shop is closed", { afterSeconds: 0.5 });
  }
  return "open";
});
app.task("breaks", (_payload, context) => {
  saw(context);
  if (context.attempt < 3) {
    throw new TypeError("no such shelf");
  }
  return context.attempt;
});
app.task("throws_text", () => {
  // biome-ignore lint/style/useThrowOnlyError: others' code does so
  throw "just text";
});
app.task("fatal", async () => {
  throw new Fatal("no such user");
});
app.task("not_json", () => new Map());
app.task("nothing", () => {});
app.task("slow", async (_payload, context) => {
  saw(context);
  await sleep(context.attempt > 1 ? 0.5 : 30, context.signal);
  return "done";
});
app.task("anything", (payload) => payload);

function numberOf(payload: unknown): number {
  if (typeof payload !== "number") {
    throw new TypeError(`must be a number, got ${JSON.stringify(payload)}`);
  }
  return payload;
}

before(async () => {
  server = createServer(listener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/tasks`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

/** The task that ran a handler, as it ended. */
async function ended(name: string, payload?: unknown, options: TaskOptions = SOON): Promise<Task> {
  const taskway = new Taskway(stack.url);
  const task = await taskway.submit(`${url}/${name}`, payload, options);
  return taskway.wait(task, { timeoutSeconds: 20 });
}

/** A delivery as the executor makes it. */
async function delivery(
  name: string,
  {
    body = "null",
    id = crypto.randomUUID(),
    fence = 1,
    attempt = 1,
    ...init
  }: RequestInit & Partial<{ body: string; id: string; fence: number | string; attempt: number }>,
): Promise<Response> {
  const headers = {
    ...(await webhooks.sign(new TextEncoder().encode(body), SECRET, { id })),
    "taskway-attempt": String(attempt),
    "taskway-fence": String(fence),
    "content-type": "application/json",
    ...(init.headers as Record<string, string>),
  };
  return fetch(`${url}/${name}`, { method: "POST", ...init, body, headers });
}

test("a handler gets its payload, and its answer is the result", async () => {
  const task = await ended("welcome", { user: 42, name: "ü" });
  assert.deepEqual([task.state, task.value], ["succeeded", { to: "ü-42", attempt: 1 }]);
  assert.equal((task.result as { status: number }).status, 200);
  assert.deepEqual(
    seen.get(task.id)?.map(({ attempt }) => attempt),
    [1],
  );
  assert.equal((await ended("checked", 1)).value, 2);
  assert.equal((await ended("nothing", 1)).value, null);
});

test("a retry waits as long as the handler asks", async () => {
  const task = await ended("busy");
  assert.deepEqual([task.state, task.attempt, task.value], ["succeeded", 2, "open"]);
  assert.deepEqual(
    seen.get(task.id)?.map(({ attempt }) => attempt),
    [1, 2],
  );
  // The wait is rounded up to a second.
  assert.ok(Number(task.startedAt) - Number(task.createdAt) >= 1000);
});

test("an error means another attempt with a higher fence", async () => {
  const task = await ended("breaks");
  assert.deepEqual([task.state, task.attempt, task.value], ["succeeded", 3, 3]);
  const [first = 0, second = 0, third = 0] = seen.get(task.id)?.map(({ fence }) => fence) ?? [];
  assert.ok(0 < first && first < second && second < third);
  assert.ok(failures.some(([error, handler]) => error instanceof TypeError && handler === "breaks"));
});

for (const [name, says] of [
  ["breaks", "TypeError: no such shelf"],
  ["throws_text", "just text"],
] as const) {
  test(`what failed is in the task's error: ${name}`, async () => {
    const task = await ended(name, null, { retry: { maxAttempts: 1 } });
    assert.deepEqual([task.state, task.error?.kind], ["failed", "http"]);
    assert.ok(task.error?.message.startsWith("500 Internal Server Error"));
    assert.ok(task.error?.message.includes(says), task.error?.message);
  });
}

for (const [name, payload, says] of [
  ["fatal", null, "422 Unprocessable Entity: no such user"],
  ["welcome", { user: "x", name: 1 }, "/user Invalid input: expected number, received string; /name Invalid input"],
  ["welcome", null, "the payload does not fit the handler: Invalid input: expected object, received null"],
  ["checked", "x", 'the payload does not fit the handler: must be a number, got "x"'],
  ["not_json", null, "the handler's result is not JSON: [object Map] has no JSON"],
  ["welcomex", { user: 1 }, "404 Not Found: there is no handler for /tasks/welcomex"],
] as const) {
  test(`some failures are for good: ${name} ${JSON.stringify(payload)}`, async () => {
    const task = await ended(name, payload);
    assert.deepEqual([task.state, task.attempt], ["failed", 1]);
    assert.ok(task.error?.message.includes(says), task.error?.message);
  });
}

test("integers of any size come through", async () => {
  const task = await ended("anything", [2n ** 70n, "a"]);
  assert.equal((task.result as { body: string }).body, '[1180591620717411303424,"a"]');
  assert.deepEqual(task.value, [2n ** 70n, "a"]);
});

test("a text may come as it is", async () => {
  const taskway = new Taskway(stack.url);
  const target = { http: { url: `${url}/anything`, headers: { "content-type": "text/plain" } } };
  const task = await taskway.wait(await taskway.submit(target, "\ufeffplain & ü"), { timeoutSeconds: 20 });
  assert.equal(task.value, "\ufeffplain & ü");
});

describe("attempts that nobody waits for", () => {
  test("their signal is aborted when their time is up", async () => {
    const task = await ended("slow", null, { ...SOON, timeoutSeconds: 1 });
    assert.deepEqual([task.state, task.attempt, task.value], ["succeeded", 2, "done"]);
    assert.deepEqual(
      seen.get(task.id)?.map(({ signal }) => signal.aborted),
      [true, false],
    );
  });

  test("their signal is aborted when their caller goes away, and they run when they come again", async () => {
    for (const times of [1, 2]) {
      const signal = AbortSignal.timeout(300);
      await assert.rejects(delivery("slow", { id: "left", signal }), { name: "TimeoutError" });
      await until(() => seen.get("left")?.[times - 1]?.signal.aborted === true);
      assert.equal(seen.get("left")?.length, times);
    }
  });

  test("one that is being stopped is not joined", async () => {
    const deliveries = new Deliveries();
    let runs = 0;
    const run = async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, runs > 1 ? 10 : 30_000).unref());
      return { status: 200, body: "done" };
    };
    assert.equal(await deliveries.outcome("t", 1, run, AbortSignal.timeout(10)), undefined);
    assert.equal((await deliveries.outcome("t", 1, run))?.body, "done");
    assert.equal(runs, 2);
  });

  test("one of two callers may go away", async () => {
    const deliveries = new Deliveries();
    let stopped: AbortSignal | undefined;
    const run = async (signal: AbortSignal) => {
      stopped = signal;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { status: 200, body: "done" };
    };
    const both = [deliveries.outcome("t", 1, run, AbortSignal.timeout(10)), deliveries.outcome("t", 1, run)];
    assert.deepEqual(
      (await Promise.all(both)).map((outcome) => outcome?.body),
      [undefined, "done"],
    );
    assert.equal(stopped?.aborted, false);
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 5000; !condition(); ) {
    assert.ok(performance.now() < deadline, "it did not happen within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("the memory of deliveries is bounded", async () => {
  const deliveries = new Deliveries();
  let runs = 0;
  const run = async () => {
    runs += 1;
    return { status: 200, body: "" };
  };
  for (const number of [...Array(REMEMBERED + 1).keys(), 1, 0]) {
    await deliveries.outcome(`t${number}`, 1, run);
  }
  // Task 1 is remembered and task 0 is not, so it runs again.
  assert.deepEqual([deliveries.size, runs], [REMEMBERED, REMEMBERED + 2]);
});

describe("deliveries that come more than once", () => {
  test("one that comes twice runs once", async () => {
    const all = { body: '{"user": 1}', id: "twice" };
    for (const _ of [1, 2]) {
      const answer = await delivery("welcome", { ...all, fence: 3 });
      assert.deepEqual([answer.status, await answer.text()], [200, '{"to":"nobody-1","attempt":1}']);
    }
    assert.equal(seen.get("twice")?.length, 1);
    const stale = await delivery("welcome", { ...all, fence: 2 });
    assert.deepEqual([stale.status, await stale.text()], [409, "a later attempt was here already: its fence is 3"]);
    assert.equal((await delivery("welcome", { ...all, fence: 4 })).status, 200);
    assert.deepEqual(
      seen.get("twice")?.map(({ fence }) => fence),
      [3, 4],
    );
  });

  test("two at once of one attempt run once", async () => {
    const both = [1, 2].map(async () => (await delivery("slow", { id: "at-once", attempt: 2 })).text());
    assert.deepEqual(await Promise.all(both), ['"done"', '"done"']);
    assert.equal(seen.get("at-once")?.length, 1);
  });

  test("a later attempt stops an earlier one", async () => {
    const early = delivery("slow", { id: "overtaken", fence: 1 });
    await until(() => seen.has("overtaken"));
    assert.equal(await (await delivery("slow", { id: "overtaken", fence: 2, attempt: 2 })).text(), '"done"');
    assert.deepEqual(
      [(await early).status, await (await early).text()],
      [409, "a later attempt was here already: its fence is 2"],
    );
    assert.deepEqual(
      seen.get("overtaken")?.map(({ signal }) => signal.aborted),
      [true, false],
    );
  });
});

test("what was not signed is refused, and says nothing of handlers", async () => {
  for (const name of ["welcome", "none"]) {
    const answer = await fetch(`${url}/${name}`, { method: "POST", body: "{}" });
    assert.deepEqual([answer.status, await answer.text()], [401, "the header webhook-id is missing"]);
  }
  const other = await webhooks.sign(new TextEncoder().encode("{}"), `whsec_${"A".repeat(32)}`, { id: "t" });
  assert.equal((await fetch(`${url}/welcome`, { method: "POST", body: "{}", headers: other })).status, 401);
});

for (const [what, init, status, says] of [
  ["JSON that is none", { body: "{" }, 400, "the delivery cannot be read"],
  ["no fence", { fence: "" }, 400, "the header taskway-fence is not a number"],
  ["a fence that is none", { fence: "-1" }, 400, "the header taskway-fence is not a number"],
  ["too much", { body: " ".repeat(1024 * 1024 + 1) }, 413, "at most 1048576 bytes"],
] as const) {
  test(`a delivery that cannot be read: ${what}`, async () => {
    const answer = await delivery("welcome", { id: "unreadable", ...init });
    assert.equal(answer.status, status);
    assert.ok((await answer.text()).includes(says));
  });
}

test("a body that is not UTF-8 cannot be read", async () => {
  const body = new Uint8Array([0x22, 0xff, 0x22]);
  const headers = { ...(await webhooks.sign(body, SECRET, { id: "t" })), "taskway-attempt": "1", "taskway-fence": "1" };
  const answer = await fetch(`${url}/anything`, { method: "POST", body, headers });
  assert.equal(answer.status, 400);
});

test("a missing header is named", async () => {
  const headers = await webhooks.sign(new TextEncoder().encode("1"), SECRET, { id: "t" });
  const answer = await fetch(`${url}/anything`, { method: "POST", body: "1", headers });
  assert.deepEqual(
    [answer.status, await answer.text()],
    [400, "the delivery cannot be read: the header taskway-attempt is missing"],
  );
});

test("other methods are named", async () => {
  const answer = await fetch(`${url}/welcome`);
  assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST, PUT, PATCH"]);
});

test("a reason is cut", async () => {
  const long = new App({ unsigned: true });
  long.task("fails", () => {
    throw new Fatal("x".repeat(5000));
  });
  const headers = { "webhook-id": "t", "taskway-attempt": "1", "taskway-fence": "1" };
  const answer = await long.fetch(new Request("http://localhost/fails", { method: "PUT", body: "1", headers }));
  assert.equal((await answer.text()).length, 1000);
});

test("without secrets an application takes nothing, unless it is unsigned", async () => {
  delete process.env.TASKWAY_WEBHOOK_SECRETS;
  const headers = { "webhook-id": "t", "taskway-attempt": "1", "taskway-fence": "1" };
  const request = () => new Request("http://localhost/a/double", { method: "POST", body: "21", headers });
  for (const [unsigned, status, text] of [
    [false, 503, "the receiver has no secrets to verify with: set TASKWAY_WEBHOOK_SECRETS"],
    [true, 200, "42"],
  ] as const) {
    const open = new App({ unsigned });
    open.task("double", (number: number) => number * 2);
    const { fetch } = open;
    const answer = await fetch(request());
    assert.deepEqual([answer.status, await answer.text()], [status, text]);
  }
});

test("an error goes to the console unless the application takes it", async (context) => {
  const printed = context.mock.method(console, "error", () => {});
  const open = new App({ unsigned: true });
  open.task("breaks", () => {
    throw new Error("no such shelf");
  });
  const headers = { "webhook-id": "t", "taskway-attempt": "1", "taskway-fence": "1" };
  assert.equal((await open.fetch(new Request("http://localhost/breaks", { method: "POST", body: "1", headers }))).status, 500);
  assert.equal(printed.mock.calls[0]?.arguments[0], "handler breaks failed");
});

test("secrets are read at once, and not shown", () => {
  assert.throws(
    () => new App({ secrets: `${SECRET} whsec_short` }),
    (error) => {
      assert.ok(error instanceof RangeError);
      return error.message.includes("secret number 2") && !error.message.includes("short");
    },
  );
});

test("targets need a URL and a handler", () => {
  assert.throws(() => app.target("busy"), /no `url`/);
  const other = new App({ unsigned: true, url: "https://example.com/tasks/" });
  other.task("hello.there", busy);
  for (const named of ["hello.there", busy]) {
    assert.deepEqual(other.target(named), { http: { url: "https://example.com/tasks/hello.there" } });
  }
  assert.throws(() => other.target("bye"), /no handler/);
  assert.throws(() => other.target(() => 1), /no handler/);
  for (const name of ["", "a/b", "a b", "-a", "ü", "a".repeat(65)]) {
    assert.throws(() => other.task(name, busy), /is not a name/);
  }
  assert.throws(() => other.task("hello.there", busy), /two handlers/);
});

test("a server of Node.js survives a request that breaks off", async () => {
  const { connect } = await import("node:net");
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("POST /tasks/anything HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nabc");
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  assert.equal((await delivery("anything", { body: "7" })).status, 200);
});
