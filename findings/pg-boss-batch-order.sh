#!/usr/bin/env bash
# pg-boss: `fetch` with a batchSize, for jobs of different priorities. In which order is the batch?
# We expected the highest priority first, and the oldest first among equals: its types say of `fetch` that jobs are always
# fetched in priority order and in creation order. The right jobs are in the batch, but in any order, another one each time.
# Only an inner query is sorted, and the ids, which are random, decide in which order the outer one gives them.
# So a handler that does a batch one after the other may do an urgent job last, and two jobs of one customer in the wrong order.
# People who come from it: docs/ordering.md says in which order an executor of Taskway starts tasks.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund pg-boss@12.38.0 @electric-sql/pglite@0.5.16 >/dev/null

cat >fetch.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite"; // Postgres itself, in this process
import { PgBoss, fromPglite } from "pg-boss";
const postgres = await PGlite.create();
const boss = new PgBoss({ backend: "pglite", db: fromPglite(postgres), supervise: false, schedule: false });
await boss.start();
await boss.createQueue("mails");
// Ten times eight jobs, and batches of six: is each the best six, and in the expected order?
async function batches(send, expected) {
  const found = { right: 0, sorted: 0 };
  for (let turn = 0; turn < 10; turn++) {
    for (const number of [3, 8, 1, 6, 4, 7, 2, 5]) await send(number);
    const batch = (await boss.fetch("mails", { batchSize: 6 })).map((job) => job.data.number);
    found.sorted += batch.join() === expected.join();
    found.right += batch.sort().join() === [...expected].sort().join();
    await boss.deleteAllJobs("mails");
  }
  return `${found.right === 10 ? "the right six each time" : "other jobs"}, ${found.sorted === 10 ? "sorted" : "not sorted"}`;
}
const one = (number) => boss.send("mails", { number }, { priority: number });
console.log(`by priority: ${await batches(one, [8, 7, 6, 5, 4, 3])}`);
const pause = () => new Promise((done) => setTimeout(done, 5)); // so that each has a time of its own
const other = async (number) => { await boss.send("mails", { number }); await pause(); };
console.log(`by age: ${await batches(other, [3, 8, 1, 6, 4, 7])}`);
await boss.stop({ graceful: false });
await postgres.close();
JS
seen=$(node fetch.mjs)
echo "pg-boss $(node -p 'require("./node_modules/pg-boss/package.json").version'); expected: the right six each time, sorted"
echo "$seen"
[ "$seen" = 'by priority: the right six each time, not sorted
by age: the right six each time, not sorted' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: not sorted'
