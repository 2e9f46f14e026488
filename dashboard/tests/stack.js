/** The programs that the tests run against: `taskway dev` and `taskway ui`, on free ports of this machine. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const BINARY = process.env.TASKWAY_BIN ?? fileURLToPath(new URL('../../target/debug/taskway', import.meta.url));

try {
  accessSync(BINARY, constants.X_OK);
} catch {
  throw new Error(`${BINARY} is missing: run \`cargo build -p taskway-cli\`, or set TASKWAY_BIN`);
}

/** All that this process has started. It leaves none behind, also if it fails before it stops them. */
const programs = [];
process.on('exit', () => {
  for (const program of programs) program.kill('SIGKILL');
});

/** A stack in memory, or in a directory so that it can be started again. */
export async function startStack({ data, ports } = {}) {
  const [api, dynamodb, sqs] = ports ?? (await freePorts(3));
  const options = ['--port', api, '--dynamodb-port', dynamodb, '--sqs-port', sqs, ...(data ? ['--data', data] : [])];
  const program = await started(['dev', ...options.map(String)], /^Ctrl-C/);
  const url = `http://127.0.0.1:${api}`;
  return { url, ports: [api, dynamodb, sqs], call: caller(url), stop: () => stop(program) };
}

/** The dashboard before the API at this URL. */
export async function startUi(url, options = [], env = {}) {
  const [port] = await freePorts(1);
  await started(['ui', '--url', url, '--port', String(port), ...options], /^Ctrl-C/, env);
  return { url: `http://127.0.0.1:${port}` };
}

/** Ends every stack and every dashboard, without which this process would not end. */
export function stopAll() {
  return Promise.all(programs.map(stop));
}

async function started(args, line, env = {}) {
  const program = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  programs.push(program);
  let said = '';
  program.stderr.on('data', (data) => {
    said += data;
  });
  for await (const one of createInterface(program.stdout)) {
    if (line.test(one)) {
      program.stdout.resume();
      return program;
    }
  }
  throw new Error(`taskway ${args[0]} ended before it was up: ${said}`);
}

/** The second signal ends a stack without waiting for tasks that run. */
async function stop(program) {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGINT');
  const again = setInterval(() => program.kill('SIGINT'), 300);
  await ended;
  clearInterval(again);
}

/** Calls the API, and throws if it refuses. */
function caller(url) {
  return async (method, path, body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((one) => new Promise((resolve) => one.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((one) => one.address().port);
  await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
  return ports;
}

/** Asks until the answer is as it should be. */
export async function until(what, ask, within = 30_000) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`after ${within} ms not yet: ${what}`);
    await sleep(100);
  }
}
