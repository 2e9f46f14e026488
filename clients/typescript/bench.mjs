/**
 * Measures the client, and prints what it cost: node bench.mjs [TASKS]
 *
 * Compares with `SendMessage` of AWS's own SDK at a server that answers both at once, and `submitMany` with single submits at the
 * stack of `TASKWAY_URL`. The SDK is not among the packages of the tests: npm install --no-save @aws-sdk/client-sqs
 * Without it, only the second comparison is made.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { Taskway } from "taskway";

const PAYLOAD = { user: 42, name: "Ada Lovelace", text: "x".repeat(200) };
const BODY = JSON.stringify(PAYLOAD);
const ROUNDS = 9;
const CALLS = 200;
const SERVE = "--serve";

if (process.argv[2] === SERVE) {
  serve();
} else {
  await main(Number(process.argv[2] ?? 10_000));
}

/** Answers every request at once, as the API and as SQS. A process of its own, so that its time is not the client's. */
function serve() {
  const time = "2026-11-29T10:00:00.000Z";
  const answer = JSON.stringify({
    ...{ id: "t1", state: "queued", target: { handler: "echo" }, payload: PAYLOAD, labels: {}, created_at: time, run_at: time },
    ...{ MessageId: "m1", MD5OfMessageBody: createHash("md5").update(BODY).digest("hex") },
  });
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end(answer));
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

async function main(many) {
  console.log(`Node.js ${process.version}`);
  try {
    await calls(await import("@aws-sdk/client-sqs"));
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") {
      throw error;
    }
    console.log("  the SDK of AWS is not installed: no comparison with it");
  }
  await batches(new Taskway(), many);
}

async function calls({ SQSClient, SendMessageCommand }) {
  const server = spawn(process.execPath, [import.meta.filename ?? process.argv[1], SERVE], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise((resolve) => server.stdout.once("data", (text) => resolve(Number(text))));
  const url = `http://127.0.0.1:${port}`;
  const taskway = new Taskway(url);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const sqs = new SQSClient({ endpoint: url, region: "us-east-1", credentials });
  const both = [
    () => taskway.submit("echo", PAYLOAD, { priority: "low" }),
    () => sqs.send(new SendMessageCommand({ QueueUrl: `${url}/0/q`, MessageBody: BODY })),
  ];
  for (const call of both) {
    await measured(call);
  }
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push([await measured(both[0]), await measured(both[1])]);
  }
  server.kill();
  for (const [at, name] of ["submit", "SendMessage of the SDK"].entries()) {
    const [processor, latency] = [0, 1].map((part) => median(rounds.map((round) => round[at][part])).toFixed(3));
    console.log(`  ${name}: ${processor} ms of processor time, latency ${latency} ms`);
  }
  for (const [part, name] of ["processor time", "latency"].entries()) {
    const ratio = median(rounds.map(([ours, theirs]) => ours[part] / theirs[part]));
    console.log(`  submit / SendMessage, ${name}: ${ratio.toFixed(2)}`);
  }
}

/** Milliseconds of this process, and of the median call. */
async function measured(call) {
  const latencies = [];
  const before = process.cpuUsage();
  for (let times = 0; times < CALLS; times++) {
    const start = performance.now();
    await call();
    latencies.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000 / CALLS, median(latencies)];
}

/** In turn, so that what else the machine does meets both. */
async function batches(taskway, many) {
  // Tasks that wait for an hour, so that only the submits are measured.
  const options = { delaySeconds: 3600 };
  const each = Math.min(many, 1000);
  const few = Math.ceil(each / 10);
  const together = async () => {
    const answers = await taskway.submitMany(Array(each).fill({ target: "echo", payload: PAYLOAD, ...options }));
    if (!answers.every(({ accepted }) => accepted)) {
      throw new Error("a task was refused");
    }
  };
  const alone = async () => {
    for (let times = 0; times < few; times++) {
      await taskway.submit("echo", PAYLOAD, options);
    }
  };
  const rounds = [];
  for (let done = 0; done < many; done += each) {
    rounds.push([await perTask(together, each), await perTask(alone, few)]);
  }
  console.log(`${many} tasks at the stack, by ${each}`);
  for (const [at, name] of ["submitMany", "one by one"].entries()) {
    const [processor, time] = [0, 1].map((part) => median(rounds.map((round) => round[at][part])).toFixed(3));
    console.log(`  ${name}: ${processor} ms of processor time a task, and ${time} ms in all`);
  }
  for (const [part, name] of ["processor time", "time"].entries()) {
    const ratio = median(rounds.map(([batch, single]) => single[part] / batch[part]));
    console.log(`  one by one / submitMany, ${name}: ${ratio.toFixed(1)}`);
  }
}

/** Milliseconds of this process, and in all, for one of the tasks that the function submits. */
async function perTask(submit, tasks) {
  const start = performance.now();
  const before = process.cpuUsage();
  await submit();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000, performance.now() - start].map((spent) => spent / tasks);
}

function median(numbers) {
  return numbers.sort((one, other) => one - other)[numbers.length >> 1];
}
