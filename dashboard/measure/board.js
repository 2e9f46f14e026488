/** bull-board on a Redis of its own, with BullMQ's jobs: three programs of `compare`, which has their packages. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../tests/stack.js';

const at = (name) => fileURLToPath(new URL(`../compare/${name}`, import.meta.url));

/** Fails before anything is measured if something is missing. */
export async function needBoard() {
  await access(at('node_modules')).catch(() => {
    throw new Error('bull-board is not installed: run `npm ci` in dashboard/compare');
  });
  const [failed] = await once(spawn('redis-server', ['--version'], { stdio: 'ignore' }), 'exit').catch(() => [1]);
  if (failed) throw new Error('redis-server is missing: install Redis, on Debian by `apt-get install redis-server`');
}

/** Starts it with so many jobs. `changes` are like those of `load.js`. */
export async function startBoard(count, changesASecond) {
  const [redisPort, port] = await freePorts(2);
  const options = ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = spawn('redis-server', options.map(String), { stdio: 'ignore' });
  const programs = [redis];
  const stop = () => {
    for (const program of programs) program.kill('SIGKILL');
  };
  process.on('exit', stop);
  await sleep(1000);
  const started = async (name, ...args) => {
    const program = fork(at(name), args.map(String));
    programs.push(program);
    await answerOf(program);
    return program;
  };
  const jobs = await started('jobs.js', redisPort, count, changesASecond);
  await started('board.js', redisPort, port);
  const ask = (verb) => {
    jobs.send(verb);
    return answerOf(jobs);
  };
  const changes = { start: () => ask('start'), stop: () => ask('stop'), reached: () => ask('reached') };
  return { url: `http://127.0.0.1:${port}`, changes, stop };
}

async function answerOf(program) {
  const ended = new AbortController();
  const fail = once(program, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('a program of the comparison ended by itself');
  });
  fail.catch(() => {});
  const [{ answer }] = await Promise.race([once(program, 'message'), fail]);
  ended.abort();
  return answer;
}
