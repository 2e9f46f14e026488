/** When a request is sent again, in virtual time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { NotAnswered, NotFound, Problem, Taskway, Throttled, Unavailable, WaitTimeout } from "taskway";
import { broken, Network, type Outcome, World } from "./world.js";

/** A client in a world of its own, whose jitter is always the longest. */
function clientOf(timeoutSeconds: number, ...outcomes: Outcome[]) {
  const world = new World();
  const network = new Network(world, ...outcomes);
  const options = { clock: world, fetch: network.fetch, random: () => 1, timeoutSeconds };
  return { world, network, taskway: new Taskway("http://127.0.0.1:1", options) };
}

test("pauses double up to ten seconds", async () => {
  const { taskway, network } = clientOf(200, ...Array<number>(9).fill(503), 200);
  await taskway.stats();
  assert.deepEqual(network.pauses, [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]);
});

test("jitter is full: it may make a pause as short as nothing", async () => {
  const world = new World();
  const network = new Network(world, ...Array<number>(4).fill(503), 200);
  const draws = [0, 0.5, 0.25, 0];
  const random = () => draws.shift() ?? assert.fail("too many draws");
  await new Taskway("http://127.0.0.1:1", { clock: world, fetch: network.fetch, random }).stats();
  assert.deepEqual(network.pauses, [0, 0.1, 0.1, 0]);
});

for (const failure of [503, broken("ECONNRESET")]) {
  test(`a call ends before a pause that would outlast it: ${failure}`, async () => {
    const { taskway, world } = clientOf(10, failure);
    const start = world.now();
    await assert.rejects(taskway.stats(), failure === 503 ? Unavailable : NotAnswered);
    assert.ok(world.now() - start <= 10_000);
  });
}

test("no try begins that would be cut off at once, so the error says what the API said", async () => {
  const { taskway, network } = clientOf(1.15, 503);
  await assert.rejects(taskway.stats(), Unavailable);
  assert.equal(network.times.length, 1);
});

test("an answer is not awaited for longer than 35 seconds", async () => {
  const { taskway, network } = clientOf(600, "silence", 200);
  await taskway.stats();
  assert.equal((network.times[1] ?? 0) - (network.times[0] ?? 0), 35_100);
});

test("an answer is not awaited beyond the call's own timeout", async () => {
  const { taskway, world } = clientOf(5, "silence");
  const start = world.now();
  await assert.rejects(taskway.stats(), (error) => error instanceof NotAnswered && /took longer than 5 s/.test(error.message));
  assert.equal(world.now() - start, 5000);
});

test("jitter comes on top of what the API asks", async () => {
  const { taskway, network } = clientOf(60, { status: 429, headers: { "retry-after": "7" } }, 200);
  await taskway.stats();
  assert.deepEqual(network.pauses, [7.1]);
});

test("Retry-After may be a date", async () => {
  const date = new Date(Date.now() + 20_000).toUTCString();
  const { taskway, network } = clientOf(60, { status: 503, headers: { "retry-after": date } }, 200);
  await taskway.stats();
  assert.ok((network.pauses[0] ?? 0) > 15 && (network.pauses[0] ?? 0) < 21, String(network.pauses));
});

test("an error keeps what the API asked", async () => {
  const { taskway, network } = clientOf(60, { status: 429, headers: { "retry-after": "61", "x-request-id": "r1" } });
  await assert.rejects(taskway.stats(), (error) => {
    assert.ok(error instanceof Throttled);
    assert.deepEqual([error.name, error.status, error.retryAfterSeconds, error.requestId], ["Throttled", 429, 61, "r1"]);
    assert.match(error.message, /HTTP 429, request r1/);
    return true;
  });
  assert.equal(network.times.length, 1);
});

const OUTCOMES: [Outcome, number][] = [
  [429, 2],
  [broken("ECONNREFUSED"), 2],
  [broken("ENOTFOUND"), 2],
  [new TypeError("fetch failed", { cause: new AggregateError([broken("ECONNREFUSED"), broken("ENETUNREACH")]) }), 2],
  [new TypeError("fetch failed", { cause: new AggregateError([broken("ECONNREFUSED"), broken("ECONNRESET")]) }), 1],
  [new TypeError("Failed to fetch"), 1],
  [
    new TypeError("fetch failed", { cause: new Error("error sending request for url (…): client error (Connect): refused") }),
    2,
  ],
  [new TypeError("fetch failed", { cause: new Error("error sending request for url (…): client error (SendRequest)") }), 1],
  [503, 1],
  [500, 1],
  [408, 1],
  [broken("ECONNRESET"), 1],
  [broken("UND_ERR_SOCKET"), 1],
  ["silence", 1],
  [400, 1],
];
for (const call of ["run", "retry", "runSchedule"] as const) {
  for (const [at, [outcome, requests]] of OUTCOMES.entries()) {
    test(`${call} is repeated only if nothing was done (${at}: ${outcome})`, async () => {
      const { taskway, network } = clientOf(60, outcome, 200);
      const error = await taskway[call]("t").then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.equal(network.times.length, requests);
      assert.equal(error === undefined, requests === 2, String(error));
      if (error !== undefined) {
        assert.ok(error instanceof Problem || error instanceof NotAnswered);
      }
      if (error instanceof NotAnswered) {
        assert.match(error.message, /it may have been carried out all the same/);
      }
    });
  }
}

for (const [first, isDone] of [
  [broken("ECONNRESET"), true],
  [503, true],
  [429, false],
  [broken("ECONNREFUSED"), false],
] as [Outcome, boolean][]) {
  test(`a deletion may have been done by the try before: ${first}`, async () => {
    const { taskway } = clientOf(60, first, 404);
    const deletion = taskway.deleteSchedule("s");
    await (isDone ? deletion : assert.rejects(deletion, NotFound));
  });
}

test("the cause is kept", async () => {
  const cause = broken("ECONNRESET");
  const { taskway } = clientOf(1.05, cause);
  await assert.rejects(taskway.stats(), (error) => {
    assert.ok(error instanceof NotAnswered);
    assert.equal(error.cause, cause);
    assert.equal(error.message, "GET /v1/stats got no answer: fetch failed: it broke with ECONNRESET");
    return true;
  });
});

test("wait looks ever more rarely, and gives up after its timeout", async () => {
  const { taskway, network, world } = clientOf(60, { status: 200, body: '{"id":"t","state":"running"}' });
  const start = world.now();
  await assert.rejects(taskway.wait("t", { timeoutSeconds: 30 }), WaitTimeout);
  assert.deepEqual(network.pauses.slice(0, 4), [0.05, 0.075, 0.113, 0.169]);
  assert.equal(Math.max(...network.pauses), 2);
  assert.ok(world.now() - start >= 30_000 && world.now() - start < 32_000);
});

test("an abort ends a request, with its reason", async () => {
  const { taskway, world, network } = clientOf(60, "silence");
  const stopper = new AbortController();
  world.after(3000, () => stopper.abort(new Error("the user left")));
  await assert.rejects(taskway.stats({ signal: stopper.signal }), /the user left/);
  assert.equal(network.times.length, 1);
});

test("an abort ends a pause", async () => {
  const { taskway, world, network } = clientOf(60, { status: 503, headers: { "retry-after": "30" } });
  const stopper = new AbortController();
  const start = world.now();
  world.after(5000, () => stopper.abort());
  await assert.rejects(taskway.stats({ signal: stopper.signal }), { name: "AbortError" });
  assert.equal(world.now() - start, 5000);
  assert.equal(network.times.length, 1);
});

test("an abort ends a wait and an iteration", async () => {
  const body = '{"id":"t","state":"running","tasks":[{"id":"t"}],"next_cursor":"c"}';
  const { taskway } = clientOf(60, { status: 200, body });
  const stopper = new AbortController();
  const { signal } = stopper;
  const pages = taskway.tasks({ signal });
  assert.equal((await pages.next()).value?.id, "t");
  stopper.abort();
  await assert.rejects(taskway.wait("t", { signal }), { name: "AbortError" });
  await assert.rejects(pages.next(), { name: "AbortError" });
});

test("a signal that outlives its calls keeps nothing of them", async (context) => {
  const { taskway } = clientOf(60, 503, broken("ECONNRESET"), { status: 200, body: '{"id":"t","state":"running"}' });
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  context.mock.method(signal, "addEventListener", (_: string, listener: unknown) => listeners.add(listener));
  context.mock.method(signal, "removeEventListener", (_: string, listener: unknown) => listeners.delete(listener));
  await assert.rejects(taskway.wait("t", { signal, timeoutSeconds: 1 }), WaitTimeout);
  assert.equal(listeners.size, 0);
});

test("nothing is sent when the signal is aborted already", async () => {
  const { taskway, network } = clientOf(60, 200);
  const signal = AbortSignal.abort();
  const calls = [
    taskway.submit("echo", 1, { signal }),
    taskway.submitMany([{ target: "echo" }], { signal }),
    taskway.get("t", { signal }),
    taskway.update("t", {}, { signal }),
    taskway.cancel("t", { signal }),
    taskway.run("t", { signal }),
    taskway.retry("t", { signal }),
    taskway.cancelMany({ all: true }, { signal }),
    taskway.redrive({}, { signal }),
    taskway.tasks({ signal }).next(),
    taskway.dead({ signal }).next(),
    taskway.queues({ signal }).next(),
    taskway.getQueue("q", { signal }),
    taskway.setQueue("q", {}, { signal }),
    taskway.pauseQueue("q", { signal }),
    taskway.resumeQueue("q", { signal }),
    taskway.purgeQueue("q", { signal }),
    taskway.schedules({ signal }).next(),
    taskway.getSchedule("s", { signal }),
    taskway.putSchedule("s", { task: { target: "echo" }, everySeconds: 60 }, { signal }),
    taskway.deleteSchedule("s", { signal }),
    taskway.runSchedule("s", { signal }),
    taskway.stats({ signal }),
  ];
  for (const call of calls) {
    await assert.rejects(call, { name: "AbortError" });
  }
  assert.equal(network.times.length, 0);
});

test("many tasks have an answer each when their submit is aborted", async () => {
  const results = Array(500).fill({ status: 202, task: { id: "t", state: "queued" } });
  const { taskway, world } = clientOf(60, { status: 200, body: JSON.stringify({ results }) }, "silence");
  const stopper = new AbortController();
  world.after(3000, () => stopper.abort());
  const answers = await taskway.submitMany(Array(700).fill({ target: "echo" }), { signal: stopper.signal });
  assert.equal(answers.filter(({ accepted }) => accepted).length, 500);
  const lost = answers.slice(500);
  assert.ok(lost.every(({ error }) => error instanceof NotAnswered && (error.cause as Error).name === "AbortError"));
  assert.ok(lost.every(({ idempotencyKey }) => idempotencyKey));
});

test("the key of a task is made before the first try, and is the same in each", async () => {
  const { taskway, network } = clientOf(60, broken("ECONNRESET"), 503, { status: 202, body: '{"id":"t","state":"queued"}' });
  await taskway.submit("echo", { n: 1 });
  const bodies = network.requests.map(({ init }) => String(init.body));
  assert.equal(bodies.length, 3);
  assert.equal(new Set(bodies).size, 1);
  assert.match(JSON.parse(bodies[0] ?? "").idempotency_key, /^[0-9a-f]{32}$/);
});
