/** The stack that the tests run against: `taskway dev`, on free ports of this machine. */

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

export const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const BINARY = process.env.TASKWAY_BIN ?? `${ROOT}target/debug/taskway`;

try {
  accessSync(BINARY, constants.X_OK);
} catch {
  throw new Error(`${BINARY} is missing: run \`cargo build -p taskway-cli\`, or set TASKWAY_BIN`);
}

/** A stack for all tests of a file, which may deliver to this machine. */
export function startedStack(): { readonly url: string } {
  const running = { url: "" };
  let stack: ChildProcess;
  before(async () => {
    const [api, dynamodb, sqs] = await freePorts(3);
    const ports = ["--port", api, "--dynamodb-port", dynamodb, "--sqs-port", sqs].map(String);
    stack = spawn(BINARY, ["dev", ...ports, "--allow-http", "127.0.0.0/8"], {
      env: { ...process.env, TASKWAY_WEBHOOK_SECRETS: SECRET },
      stdio: ["ignore", "pipe", "ignore"],
    });
    await said(stack, /^Ctrl-C/);
    running.url = `http://127.0.0.1:${api}`;
  });
  after(() => stop(stack));
  return running;
}

/** Waits until the program has printed such a line. Rejects if it ends before. */
export async function said(program: ChildProcess, line: RegExp): Promise<string> {
  let text = "";
  if (program.stdout === null) {
    throw new Error("the program's output is not read");
  }
  for await (const one of createInterface(program.stdout)) {
    text += `${one}\n`;
    if (line.test(one)) {
      program.stdout.resume();
      return text;
    }
  }
  throw new Error(`${program.spawnfile} ended before it was ready: ${text}`);
}

/** Ends a program that a test started. The second signal ends a stack without waiting for tasks that run. */
export async function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) {
    return;
  }
  const ended = new Promise((resolve) => program.once("exit", resolve));
  program.kill();
  const again = setTimeout(() => program.kill(), 1000);
  await ended;
  clearTimeout(again);
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((one) => new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve))));
  const ports = servers.map((one) => (one.address() as { port: number }).port);
  await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
  return ports;
}
