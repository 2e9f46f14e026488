/** What the table of cases does not say: what is TypeScript's own. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Invalid, NotFound, StateConflict, type Target, Taskway, TooLarge, WaitTimeout } from "taskway";
import { bodyOf, cut, MOST_BYTES, severalAtOnce, weightOf } from "../dist/batches.js";
import { type Fault, FaultProxy } from "./fault-proxy.js";
import { startedStack } from "./stack.js";

const stack = startedStack();

async function proxied(faults: Fault[], use: (proxy: FaultProxy) => Promise<void>): Promise<void> {
  const proxy = await FaultProxy.start(stack.url, faults);
  try {
    await use(proxy);
  } finally {
    await proxy.stop();
  }
}

test("a task runs", async () => {
  const taskway = new Taskway(stack.url);
  const task = await taskway.submit("echo", { hello: "world" });
  assert.deepEqual((await taskway.wait(task, { timeoutSeconds: 10 })).result, { hello: "world" });
  const now = await taskway.get(task.id);
  assert.deepEqual([now.state, now.ended, now.value], ["succeeded", true, { hello: "world" }]);
  const created: Date = now.createdAt;
  assert.ok(Math.abs(created.getTime() - Date.now()) < 60_000);
  assert.ok(now.finishedAt !== null && now.finishedAt >= created);
});

test("targets are answered as the API has them", async () => {
  const taskway = new Taskway(stack.url);
  const later = { delaySeconds: 3600 };
  const targets: [Target, object][] = [
    ["echo", { handler: "echo" }],
    [{ handler: "echo" }, { handler: "echo" }],
    ["https://example.com/a", { http: { url: "https://example.com/a", method: "POST" } }],
  ];
  for (const [target, meant] of targets) {
    assert.deepEqual((await taskway.submit(target, 1, later)).target, meant);
  }
  await proxied([], async (proxy) => {
    const lambda = { function: "f", invocation: "event", tenantId: "t" } as const;
    const task = await new Taskway(proxy.url).submit({ lambda }, null, later);
    assert.deepEqual(task.target, { lambda });
    assert.deepEqual(JSON.parse(proxy.sent[0]?.body ?? "").target, {
      lambda: { function: "f", invocation: "event", tenant_id: "t" },
    });
  });
});

test("what the caller named is left alone", async () => {
  const taskway = new Taskway(stack.url);
  const payload = { runAt: 1, run_at: "2026-11-29T10:00:00Z", delaySeconds: 1.5 };
  const labels = { teamName: "growth", created_at: "2026-11-29T10:00:00Z" };
  const task = await taskway.submit("echo", payload, { labels });
  const ended = await taskway.wait(task, { timeoutSeconds: 10 });
  assert.deepEqual([ended.result, ended.payload, ended.labels], [payload, payload, labels]);
});

test("an option that does not exist is refused, by the compiler and by the API", async () => {
  // @ts-expect-error: the option is `delaySeconds`.
  await assert.rejects(new Taskway(stack.url).submit("echo", 1, { delySeconds: 3 }), (error) => {
    return error instanceof Invalid && error.errors[0]?.pointer === "/dely_seconds";
  });
});

test("a wait that gives up has the task", async () => {
  const taskway = new Taskway(stack.url);
  const task = await taskway.submit("echo", null, { delaySeconds: 3600 });
  await assert.rejects(taskway.wait(task, { timeoutSeconds: 0.2 }), (error) => {
    assert.ok(error instanceof WaitTimeout);
    assert.equal(error.name, "WaitTimeout");
    return error.task.state === "scheduled";
  });
});

test("pages are read when the iteration comes to them", async () => {
  await proxied([], async (proxy) => {
    const taskway = new Taskway(proxy.url);
    await taskway.submitMany(Array(5).fill({ target: "echo", queue: "lazy", delaySeconds: 3600 }));
    const pages = taskway.tasks({ queue: "lazy", pageSize: 2 });
    assert.equal(proxy.sent.length, 1);
    await pages.next();
    await pages.next();
    assert.equal(proxy.sent.length, 2);
    await pages.next();
    assert.equal(proxy.sent.length, 3);
    await pages.return();
    assert.equal((await pages.next()).done, true);
    assert.equal(proxy.sent.length, 3);
  });
});

describe("many tasks", () => {
  test("one that was refused throws when it is used", async () => {
    const answers = await new Taskway(stack.url).submitMany([{ target: "echo" }, { target: "no/handler" }]);
    assert.equal(answers[0]?.task.queue, "default");
    assert.throws(
      () => answers[1]?.task,
      (error) => error instanceof Invalid && error.message.includes("/target/handler"),
    );
  });

  test("none is an answer for each of none", async () => {
    assert.deepEqual(await new Taskway(stack.url).submitMany([]), []);
  });

  test("they may be submitted again", async () => {
    const taskway = new Taskway(stack.url);
    const tasks = [0, 1, 2].map((payload) => ({ target: "echo", payload, idempotencyKey: `again-${payload}` }));
    const [first, second] = [await taskway.submitMany(tasks), await taskway.submitMany(tasks)];
    assert.deepEqual(
      first.map(({ task }) => task.id),
      second.map(({ task }) => task.id),
    );
    assert.deepEqual(
      [...first, ...second].map(({ replayed }) => replayed),
      [false, false, false, true, true, true],
    );
  });

  for (const fault of ["close_before", "close_after"] as const) {
    test(`none is lost or made twice when the network comes back: ${fault}`, async () => {
      const queue = `back-${fault}`;
      const tasks = Array.from({ length: 601 }, (_, payload) => ({ target: "echo", payload, queue, delaySeconds: 3600 }));
      await proxied([{ fault: "pass" }, { fault, and_so_on: true }], async (proxy) => {
        const answers = await new Taskway(proxy.url, { timeoutSeconds: 4 }).submitMany(tasks);
        const accepted = answers.flatMap((answer) => answer.accepted ?? []);
        // Two batches are sent at once, and either may arrive first.
        assert.ok([500, 101].includes(accepted.length), String(accepted.length));
        const taskway = new Taskway(stack.url);
        const lost = tasks.flatMap((task, at) => {
          const { accepted, idempotencyKey } = answers[at] ?? assert.fail();
          return accepted ? [] : [{ ...task, idempotencyKey }];
        });
        const again = await taskway.submitMany(lost);
        const ids = new Set([...accepted, ...again.map(({ task }) => task)].map(({ id }) => id));
        const found = new Set<string>();
        for await (const { id } of taskway.tasks({ queue, pageSize: 500 })) {
          found.add(id);
        }
        assert.equal(ids.size, 601);
        assert.deepEqual(found, ids);
        // Those whose batch arrived were there already.
        assert.equal(again.filter(({ replayed }) => replayed).length, fault === "close_before" ? 0 : lost.length);
      });
    });
  }

  test("a mistake is found before anything is sent", async () => {
    await proxied([], async (proxy) => {
      const tasks = [...Array(600).fill({ target: "echo" }), { target: "echo", payload: new Map() }];
      await assert.rejects(new Taskway(proxy.url).submitMany(tasks), TypeError);
      assert.equal(proxy.sent.length, 0);
    });
  });

  for (const text of ["x", '"', "\\", "ü"]) {
    test(`batches fit AWS: ${text}`, () => {
      const texts = Array<string>(1000).fill(JSON.stringify(text.repeat(20_000)));
      const batches = [...cut(texts)];
      assert.deepEqual(batches.flat(), texts);
      for (const batch of batches) {
        const asJson = Buffer.byteLength(JSON.stringify(bodyOf(batch))) - 2;
        assert.ok(batch.length <= 500);
        assert.ok(asJson <= MOST_BYTES, String(asJson));
      }
      assert.equal(weightOf(`${text}"`), Buffer.byteLength(JSON.stringify(`${text}"`)) - 2);
    });
  }

  test("a few batches are sent at the same time, and their answers stay in order", async () => {
    let underWay = 0;
    let most = 0;
    const outcomes = await severalAtOnce([50, 1, 20, 1, 10, 1], 3, async (milliseconds) => {
      underWay++;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      underWay--;
      return milliseconds;
    });
    assert.deepEqual(
      outcomes,
      [50, 1, 20, 1, 10, 1].map((done) => ({ done })),
    );
    assert.equal(most, 3);
  });

  test("after a failure no other batch is sent, and what was under way is answered", async () => {
    const failure = new Error("gone");
    const begun: number[] = [];
    const outcomes = await severalAtOnce([0, 1, 2, 3, 4], 2, async (one) => {
      begun.push(one);
      await new Promise((resolve) => setTimeout(resolve, one === 1 ? 50 : 1));
      if (one === 2) {
        throw failure;
      }
      return one;
    });
    assert.deepEqual(outcomes, [{ done: 0 }, { done: 1 }, { failure }, { failure }, { failure }]);
    assert.deepEqual(begun, [0, 1, 2]);
  });

  test("one beyond a batch is refused alone", async () => {
    const payloads = [1, "x".repeat(6 * 1024 * 1024), 2];
    const answers = await new Taskway(stack.url).submitMany(payloads.map((payload) => ({ target: "echo", payload })));
    assert.deepEqual(
      answers.map(({ accepted }) => accepted !== undefined),
      [true, false, true],
    );
    assert.ok(answers[1]?.error instanceof TooLarge);
  });
});

test("calls are made at the same time", async () => {
  const taskway = new Taskway(stack.url);
  const start = performance.now();
  const tasks = Array.from({ length: 5 }, () => taskway.submit("sleep", { seconds: 0.5 }, { waitSeconds: 5 }));
  assert.deepEqual(
    (await Promise.all(tasks)).map(({ state }) => state),
    Array(5).fill("succeeded"),
  );
  assert.ok(performance.now() - start < 2000);
});

test("an aborted call leaves the client usable", async () => {
  const taskway = new Taskway(stack.url);
  const signal = AbortSignal.timeout(200);
  await assert.rejects(taskway.submit("sleep", { seconds: 5 }, { waitSeconds: 5, signal }), { name: "TimeoutError" });
  assert.equal((await taskway.stats()).unreadable, 0);
});

test("statistics", async () => {
  const stats = await new Taskway(stack.url).stats();
  assert.deepEqual(Object.keys(stats.lanes).sort(), ["high", "low", "normal"]);
  assert.equal(typeof stats.lanes.low.inFlight, "number");
  assert.equal(typeof stats.deadLetters.waiting, "number");
  assert.ok(stats.promotionLagSeconds >= 0);
  const program = stats.programs.find(({ handlers }) => handlers.includes("echo"));
  assert.ok(program?.running && program.firstSeenAt <= program.lastSeenAt && program.lastSeenAt instanceof Date);
});

test("queues and schedules are listed", async () => {
  const taskway = new Taskway(stack.url);
  await taskway.setQueue("listed", { concurrency: 2, perKey: { concurrency: 1 } });
  const startAt = new Date("2030-01-01T00:00:00Z");
  await taskway.putSchedule("listed", { task: { target: "echo" }, everySeconds: 86_400, startAt });
  const queues = [];
  for await (const queue of taskway.queues({ pageSize: 1 })) {
    queues.push(queue);
  }
  const queue = queues.find(({ name }) => name === "listed");
  assert.deepEqual([queue?.concurrency, queue?.perKey.concurrency, queue?.held], [2, 1, undefined]);
  const schedules = [];
  for await (const schedule of taskway.schedules({ pageSize: 1 })) {
    schedules.push(schedule);
  }
  const schedule = schedules.find(({ name }) => name === "listed");
  assert.deepEqual([schedule?.everySeconds, schedule?.startAt, schedule?.nextRuns[0]], [86_400, startAt, startAt]);
  await taskway.deleteSchedule("listed");
});

test("errors say what they are", async () => {
  const taskway = new Taskway(stack.url);
  await assert.rejects(taskway.get("none"), (error) => {
    assert.ok(error instanceof NotFound && error.requestId);
    assert.ok(error.message.endsWith(`(HTTP 404, request ${error.requestId})`), error.message);
    return error.name === "NotFound";
  });
  const task = await taskway.submit("echo", 1, { delaySeconds: 3600 });
  await assert.rejects(taskway.retry(task), (error) => error instanceof StateConflict && error.state === "scheduled");
  await assert.rejects(taskway.submit("echo", "x".repeat(1024 * 1024)), (error) => {
    return error instanceof TooLarge && error.limitBytes === 1024 * 1024;
  });
  await assert.rejects(taskway.submit("echo", 1, { timeoutSeconds: 0 }), (error) => {
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.errors, [{ pointer: "/timeout_seconds", detail: "must be 1 to 43200, got 0" }]);
    return error.message.startsWith("/timeout_seconds must be 1 to 43200, got 0 (HTTP 422");
  });
});

for (const [url, options, says] of [
  ["localhost:8080", {}, /must begin with https/],
  ["ftp://example.com", {}, /must begin with https/],
  ["/v1", {}, /must begin with https/],
  ["http://example.com", { token: "t" }, /not sent over plain http/],
] as const) {
  test(`a URL that cannot be meant: ${url}`, () => {
    assert.throws(() => new Taskway(url, options), says);
  });
}

test("a token that no header can carry is found at once, and not shown", () => {
  for (const token of ["a\nb", "ä"]) {
    const expected = { name: "RangeError", message: "the token has characters that no header can carry" };
    assert.throws(() => new Taskway("https://example.com", { token }), expected);
  }
});

test("an argument of a wrong kind is named", async () => {
  const taskway = new Taskway("http://127.0.0.1:1");
  await assert.rejects(taskway.submitMany(["echo"] as never), /a task is an object with a target, not echo/);
  await assert.rejects(taskway.get(undefined as never), /a task, or its id, is expected/);
  await assert.rejects(taskway.submit("echo", 1, { runAt: new Date("x") }), /runAt is an invalid Date/);
  await assert.rejects(taskway.submit("echo", 1, { runAt: "2030-01-01" }), /runAt: "2030-01-01" is not a time with an offset/);
});

test("the value of an answer that is not JSON says where its text is", async () => {
  const document = { id: "t", state: "succeeded", target: { http: { url: "https://example.com" } }, result: { body: "ok" } };
  const fetch = async () => new Response(JSON.stringify(document));
  const task = await new Taskway("http://127.0.0.1:1", { fetch }).get("t");
  assert.throws(() => task.value, { name: "SyntaxError", message: /its text is in result\.body/ });
});

test("tokens and URLs come from the environment", async () => {
  await proxied([], async (proxy) => {
    const before = { ...process.env };
    try {
      process.env.TASKWAY_URL = `${proxy.url}/`;
      // As a file has it.
      process.env.TASKWAY_TOKEN = "t0ken\n";
      await new Taskway().stats();
    } finally {
      process.env = before;
    }
    assert.equal(proxy.sent[0]?.path, "/v1/stats");
    assert.equal(proxy.sent[0]?.headers.authorization, "Bearer t0ken");
  });
});

test("a user in the URL is sent and not shown", async () => {
  await proxied([], async (proxy) => {
    const taskway = new Taskway(proxy.url.replace("//", "//ada:s%C3%BCcret@"));
    await assert.rejects(taskway.get("none"), (error) => error instanceof NotFound && !error.message.includes("cret"));
    assert.equal(proxy.sent[0]?.headers.authorization, `Basic ${Buffer.from("ada:sücret").toString("base64")}`);
    assert.ok(!taskway.url.includes("ada"));
  });
});

test("a path before the API's is kept", async () => {
  await proxied([], async (proxy) => {
    await assert.rejects(new Taskway(`${proxy.url}/stage/`).stats(), NotFound);
    assert.equal(proxy.sent[0]?.path, "/stage/v1/stats");
  });
});
