#!/usr/bin/env bash
# ratelimit-header-parser, by the makers of express-rate-limit: what does it read of that limiter's headers of the newest draft?
# We expected the numbers, as of drafts 6 and 7, or undefined, which its documentation has for an answer without such headers.
# It returns an object whose numbers are all NaN and whose date is invalid. So `remaining === 0` and `remaining < 1` are false,
# also where nothing remains, and a pause until `reset` is no pause.
# A program that spares an API by it goes on until it is refused with 429, and after. Taskway goes by `Retry-After`, which comes
# with that refusal in every draft: docs/http-targets.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund ratelimit-header-parser@0.1.0 express-rate-limit@8.7.5 express@5.3.0 >/dev/null

cat >read.mjs <<'JS'
import express from "express";
import { rateLimit } from "express-rate-limit";
import { parseRateLimit } from "ratelimit-header-parser";
for (const draft of ["draft-6", "draft-7", "draft-8"]) {
  const app = express();
  app.use(rateLimit({ limit: 1, windowMs: 60_000, standardHeaders: draft, legacyHeaders: false }));
  app.get("/", (request, response) => { response.send("one\n"); });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  for (const turn of [1, 2]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
    await answer.text();
    const { limit, remaining, reset } = parseRateLimit(answer);
    const wait = Math.round((reset - Date.now()) / 60_000);
    console.log(`${draft}: ${answer.status}, limit ${limit}, remaining ${remaining}, reset in ${wait} min`);
  }
  server.close();
}
JS
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
seen=$(node read.mjs)
echo "ratelimit-header-parser $(version ratelimit-header-parser), express-rate-limit $(version express-rate-limit);" \
    'expected: limit 1, remaining 0, in all'
echo "$seen"
[ "$seen" = 'draft-6: 200, limit 1, remaining 0, reset in 1 min
draft-6: 429, limit 1, remaining 0, reset in 1 min
draft-7: 200, limit 1, remaining 0, reset in 1 min
draft-7: 429, limit 1, remaining 0, reset in 1 min
draft-8: 200, limit NaN, remaining NaN, reset in NaN min
draft-8: 429, limit NaN, remaining NaN, reset in NaN min' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: NaN for draft 8'
