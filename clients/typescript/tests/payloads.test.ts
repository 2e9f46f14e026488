/** Large payloads and results: what the table of cases does not say. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { AwsClient } from "aws4fetch";
import { BadRequest, decode, Invalid, NotAnswered, NotFound, Problem, type Task, Taskway } from "taskway";
import { type Fault, FaultProxy } from "./fault-proxy.js";
import { startedStack } from "./stack.js";

const stack = startedStack();

const LARGE = `"${"ü".repeat(200_000)}"`;
const BYTES = new TextEncoder().encode(LARGE);
const REF = `${createHash("sha256").update(BYTES).digest("hex")}-${BYTES.length}`;
const PASS: Fault = { fault: "pass" };
const EXPIRED: Fault = {
  fault: "answer",
  status: 403,
  body: "<Error><Code>AccessDenied</Code><Message>Too old</Message></Error>",
};

let known: Promise<Task> | undefined;

/** A task with a large payload and a large result. */
function ended(): Promise<Task> {
  known ??= (async () => {
    const taskway = new Taskway(stack.url);
    const task = await taskway.submit("echo", undefined, { payloadRef: await taskway.upload(LARGE) });
    return taskway.wait(task, { timeoutSeconds: 20 });
  })();
  return known;
}

async function proxied(faults: Fault[], use: (proxy: FaultProxy) => Promise<void>): Promise<void> {
  const proxy = await FaultProxy.start(stack.url, faults);
  try {
    await use(proxy);
  } finally {
    await proxy.stop();
  }
}

describe("an upload", () => {
  const file = `${tmpdir()}/taskway-upload-${process.pid}`;
  before(() => writeFileSync(file, BYTES));
  after(() => rmSync(file));

  test("takes all that has bytes", async () => {
    const within = new Uint8Array([0, ...BYTES, 0]).subarray(1, -1);
    const blob = new Blob(["before", BYTES], { type: "application/json" }).slice("before".length);
    for (const data of [LARGE, BYTES, BYTES.buffer, Buffer.from(BYTES), within, blob, await openAsBlob(file)]) {
      assert.equal(await new Taskway(stack.url).upload(data), REF);
    }
  });

  test("may have any bytes", async () => {
    const taskway = new Taskway(stack.url);
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    const payloadRef = await taskway.upload(bytes);
    const task = await taskway.submit("echo", undefined, { payloadRef, delaySeconds: 3600 });
    const downloaded = await taskway.download(task, { part: "payload" });
    assert.deepEqual(new Uint8Array(await downloaded.arrayBuffer()), bytes);
  });

  test("of nothing is refused", async () => {
    await assert.rejects(new Taskway(stack.url).upload(""), (error) => {
      return error instanceof Invalid && error.message.startsWith("/bytes must be 1 to 104857600, got 0");
    });
  });

  test("of what has no bytes is refused", async () => {
    await assert.rejects(new Taskway(stack.url).upload({ a: 1 } as never), TypeError);
  });

  test("of other bytes than were announced is refused", async () => {
    const bytes = BYTES.slice();
    const bucketFetch: typeof fetch = (input, init) => {
      bytes[1] = 0x20;
      return fetch(input, init);
    };
    await assert.rejects(new Taskway(stack.url, { bucketFetch }).upload(bytes), (error) => {
      return error instanceof BadRequest && error.message.includes("did not match");
    });
  });

  test("that halted is made again", async () => {
    const halted: Fault = { fault: "answer", status: 400, body: "<Error><Code>RequestTimeout</Code></Error>" };
    await proxied([PASS, halted], async (proxy) => {
      assert.equal(await new Taskway(proxy.url).upload(LARGE), REF);
      assert.equal(proxy.sent.length, 3);
    });
  });

  test("that fails does not show its signature", async () => {
    await proxied([PASS, { fault: "close_before", and_so_on: true }], async (proxy) => {
      await assert.rejects(new Taskway(proxy.url, { timeoutSeconds: 0.5 }).upload(LARGE), (error) => {
        assert.ok(error instanceof NotAnswered);
        return /^PUT http:\/\/\S+\/uploads\/\S+ got no answer/.test(error.message) && !error.message.includes("X-Amz");
      });
    });
  });

  test("ends with its signal", async () => {
    const busy: Fault = { fault: "answer", status: 503, body: "", and_so_on: true };
    await proxied([PASS, busy], async (proxy) => {
      const signal = AbortSignal.timeout(300);
      await assert.rejects(new Taskway(proxy.url).upload(LARGE, { signal }), { name: "TimeoutError" });
      assert.ok(proxy.sent.length >= 2);
    });
  });
});

test("an abort cuts a transfer", async () => {
  const stopper = new AbortController();
  const bucketFetch: typeof fetch = (input, init) => {
    const answer = fetch(input, init);
    stopper.abort(new Error("enough"));
    return answer;
  };
  const taskway = new Taskway(stack.url, { bucketFetch });
  await assert.rejects(taskway.download(await ended(), { signal: stopper.signal }), { message: "enough" });
  assert.equal(await new Taskway(stack.url).upload(LARGE), REF);
});

test("the bucket gets no credentials", async () => {
  const aws = new AwsClient({
    accessKeyId: "a",
    secretAccessKey: "b",
    region: "eu-west-1",
    service: "execute-api",
    retries: 0,
  });
  const signing: typeof fetch = (input, init) => aws.fetch(input as string, init);
  for (const options of [{ token: "t0ken" }, { fetch: signing }]) {
    await proxied([], async (proxy) => {
      const taskway = new Taskway(proxy.url, options);
      const task = await taskway.submit("echo", undefined, { payloadRef: await taskway.upload(LARGE), waitSeconds: 20 });
      await taskway.download(task);
      const [asked, put, ...others] = proxy.sent;
      const got = others.pop();
      assert.ok([asked, ...others].every((one) => one?.headers.authorization));
      assert.deepEqual([put?.method, put?.body, got?.method], ["PUT", LARGE, "GET"]);
      // What `fetch` of Node.js adds to each request.
      const foreign = new Set(
        "host connection accept accept-language accept-encoding sec-fetch-mode user-agent content-length".split(" "),
      );
      assert.deepEqual(
        [put, got].map((one) => Object.keys(one?.headers ?? {}).filter((name) => !foreign.has(name))),
        [["x-amz-checksum-sha256"], []],
      );
      assert.equal(put?.headers["content-length"], String(BYTES.length));
    });
  }
});

describe("a download", () => {
  test("is a Blob", async () => {
    const taskway = new Taskway(stack.url);
    for (const part of ["result", "payload"] as const) {
      assert.equal(await (await taskway.download(await ended(), { part })).text(), LARGE);
      assert.equal(decode(await (await taskway.download((await ended()).id, { part })).text()), JSON.parse(LARGE));
    }
  });

  test("that broke is made again", async () => {
    await proxied([PASS, { fault: "close_within" }, { fault: "close_before" }], async (proxy) => {
      assert.equal((await new Taskway(proxy.url).download((await ended()).id)).size, BYTES.length);
      assert.equal(proxy.sent.length, 4);
    });
  });

  test("asks again for a URL that has expired", async () => {
    await proxied([PASS, EXPIRED], async (proxy) => {
      const taskway = new Taskway(proxy.url);
      const now = await taskway.get(await ended());
      assert.equal((await taskway.download(now)).size, BYTES.length);
      assert.deepEqual(
        proxy.sent.map(({ path }) => path.startsWith("/v1/")),
        [true, false, true, false],
      );
    });
  });

  test("asks once only", async () => {
    await proxied([PASS, EXPIRED, PASS, EXPIRED], async (proxy) => {
      await assert.rejects(new Taskway(proxy.url).download((await ended()).id), (error) => {
        return error instanceof Problem && error.title === "AccessDenied" && error.message === "Too old (HTTP 403)";
      });
      assert.equal(proxy.sent.length, 4);
    });
  });

  test("needs something large", async () => {
    const taskway = new Taskway(stack.url);
    const task = await taskway.submit("echo", 1, { waitSeconds: 10 });
    await assert.rejects(taskway.download(task), RangeError);
    await assert.rejects(taskway.download("none"), NotFound);
  });
});

test("a large result is not null", async () => {
  const task = await ended();
  assert.deepEqual([task.state, task.result, task.payload, task.payloadRef], ["succeeded", null, null, REF]);
  assert.throws(() => task.value, /too large for an answer: download it/);
});
