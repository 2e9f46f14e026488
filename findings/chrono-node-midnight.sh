#!/usr/bin/env bash
# chrono-node, which reads times from words: at half past three in the afternoon, when is "tonight at midnight"?
# We expected the coming midnight, as it reads "midnight" then, all the more with `forwardDate`. It is noon of the same day, which is past.
# "today at midnight" is the midnight before.
# A bot that reads when to remind and submits that as `run_at` has its task run at once: a `run_at` in the past means now (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund chrono-node@2.10.3 >/dev/null

cat >read.mjs <<'JS'
import * as chrono from "chrono-node";
const now = new Date("2026-11-29T15:30:00Z");
for (const words of ["midnight", "tonight at 11pm", "tonight at midnight", "today at midnight"]) {
  console.log(`${words}: ${chrono.parseDate(words, now, { forwardDate: true }).toISOString().slice(0, 16)}`);
}
JS
seen=$(TZ=UTC node read.mjs)
echo "chrono-node $(node -p 'require("./node_modules/chrono-node/package.json").version') at 2026-11-29T15:30; expected: 2026-11-30T00:00 for midnight"
echo "$seen"
[ "$seen" = 'midnight: 2026-11-30T00:00
tonight at 11pm: 2026-11-29T23:00
tonight at midnight: 2026-11-29T12:00
today at midnight: 2026-11-29T00:00' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: noon'
