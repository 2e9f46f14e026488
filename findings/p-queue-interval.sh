#!/usr/bin/env bash
# p-queue with `intervalCap: 10`, `interval: 1000`: five tasks at first, and 25 after 0.9 s. How many start in the next second?
# We expected ten. Its documentation allows ten at the end of one interval and ten at the beginning of the next, but no more
# than ten within one. When the second interval begins, 9.3.5 starts 20 at once, so 25 start within a tenth of a second.
# `strict: true` holds the limit, and 10.0.0, which needs Node.js 22 by its own word, does so too.
# Programs that spare an API by such a queue are refused with 429 all the same. Taskway's `rate` of a queue holds over all
# executors, and docs/limits.md says how many starts a window can see.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund nine@npm:p-queue@9.3.5 ten@npm:p-queue@10.0.0 >/dev/null 2>&1

cat >starts.mjs <<'JS'
import Nine from "nine";
import Ten from "ten";
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
// How many tasks start from 1.0 to 1.9 seconds after the first, give or take some hundredths.
async function second(Queue, options) {
  const queue = new Queue({ interval: 1000, intervalCap: 10, ...options });
  const begin = Date.now(), starts = [];
  const add = (count) => { while (count--) queue.add(() => starts.push(Date.now() - begin)); };
  add(5);
  await pause(900);
  add(25);
  await queue.onIdle();
  return starts.filter((at) => at >= 970 && at < 1850).length;
}
// Some queues of each kind, since timers decide it. The highest number counts.
async function most(...kind) {
  const waits = [0, 37, 74, 111, 148, 185];
  return Math.max(...await Promise.all(waits.map((wait) => pause(wait).then(() => second(...kind)))));
}
console.log(`9.3.5: ${await most(Nine, {})} | 10.0.0: ${await most(Ten, {})}`);
JS
seen=$(node starts.mjs)
echo 'p-queue, tasks that start in the second interval; expected: 10'
echo "$seen"
[ "$seen" = '9.3.5: 20 | 10.0.0: 10' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: 20 in 9.3.5'
