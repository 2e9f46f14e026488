/** Runs every block of code in README.md as a reader would. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { compiled, ran } from "./programs.js";
import { BINARY, freePorts, PACKAGE, SECRET, said, startedStack, stop } from "./stack.js";

const README = readFileSync(`${PACKAGE}README.md`, "utf8");

interface Block {
  kind: string;
  file: string | undefined;
  text: string;
}

const BLOCKS: Block[] = Array.from(README.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms), ([, kind, file, text]) => ({
  kind: kind ?? "",
  file,
  text: text ?? "",
}));
const FILES = BLOCKS.filter(({ kind, file }) => kind === "ts" && file !== undefined);
const PROGRAMS = BLOCKS.filter(({ kind, file }) => kind === "ts" && file === undefined).map(({ text }) => text);
const COMMANDS = BLOCKS.filter(({ kind }) => kind === "sh").map(({ text }) => text);
const STARTS = COMMANDS.filter((text) => text.includes("taskway dev"));
const SERVES = COMMANDS.filter((text) => text.includes("node server.ts"));
// `package.test.ts` runs these.
const INSTALLS = COMMANDS.filter((text) => text.includes("npm"));

const stack = startedStack();
let folder = "";
let server: ChildProcess;
before(async () => {
  const [port] = await freePorts(1);
  const sources = [
    ...FILES.map(({ file, text }): [string, string] => [file ?? "", text]),
    ...PROGRAMS.map((text, at): [string, string] => [`program-${at}.ts`, text]),
  ].map(([name, text]) => [name, text.replaceAll("8001", String(port))]);
  folder = await compiled("readme", Object.fromEntries(sources));
  server = started((SERVES[0] ?? "").replace("node server.ts", `exec ${process.execPath} server.js`), folder);
  await until(async () => (await fetch(`http://127.0.0.1:${port}/`, { method: "POST" })).status === 401);
});
after(() => stop(server));

/** Runs shell commands as they stand, without a secret of this process. */
function started(commands: string, cwd: string): ChildProcess {
  const { TASKWAY_WEBHOOK_SECRETS: _, ...env } = process.env;
  return spawn("bash", ["-ec", commands], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 20_000; !(await condition().catch(() => false)); ) {
    assert.ok(performance.now() < deadline, "the README's server does not answer");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("every block is run", () => {
  assert.equal(FILES.length + PROGRAMS.length + STARTS.length + SERVES.length + INSTALLS.length, BLOCKS.length);
  assert.deepEqual(
    FILES.map(({ file }) => file),
    ["handlers.ts", "server.ts"],
  );
  assert.deepEqual([PROGRAMS.length >= 8, STARTS.length, SERVES.length, INSTALLS.length], [true, 2, 1, 1]);
});

for (const [at, program] of PROGRAMS.entries()) {
  test(`program ${at} runs: ${program.split("\n").findLast((line) => line)}`, async () => {
    const environment = { TASKWAY_URL: stack.url, TASKWAY_WEBHOOK_SECRETS: SECRET };
    const printed = (await ran(process.execPath, [`program-${at}.js`], folder, environment)).split("\n");
    for (const [, expected] of program.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)) {
      const found = printed.indexOf(expected ?? "");
      assert.ok(found >= 0, `${expected} is not among what it printed: ${printed.join("\n")}`);
      printed.splice(0, found + 1);
    }
  });
}

for (const command of STARTS) {
  test(`a command starts the stack: ${command.split("\n").at(-2)}`, async () => {
    const [api, dynamodb, sqs] = await freePorts(3);
    const options = `--port ${api} --dynamodb-port ${dynamodb} --sqs-port ${sqs}`;
    const program = started(command.replace("taskway dev", `exec ${BINARY} dev ${options}`), folder);
    try {
      assert.ok((await said(program, /^Ctrl-C/)).includes(`http://127.0.0.1:${api}`));
    } finally {
      await stop(program);
    }
  });
}
