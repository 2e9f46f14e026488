#!/usr/bin/env bash
# Luxon and a time with an offset and a zone's name, as RFC 9557 writes it and Temporal, jiff and Java do: which moment is it?
# We expected the moment of the offset: `12:00:00Z[Europe/Paris]` is 12:00 in UTC, 13:00 in Paris, and Temporal says so. Luxon drops
# the offset and takes 12:00 for the clock in Paris, an hour earlier. Of a doubled hour it takes the second pass for both offsets.
# So a program that reads such a time by Luxon and submits it to Taskway as `run_at` asks for another moment. Taskway's own times end in
# `Z` without a zone, and it refuses the suffix: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund luxon@3.7.2 temporal-polyfill@1.0.8 >/dev/null

cat >read.mjs <<'JS'
import { DateTime } from "luxon";
import { Temporal } from "temporal-polyfill";
const texts = ["2026-11-29T12:00:00Z[Europe/Paris]", "2026-10-25T02:30:00+02:00[Europe/Paris]", "2026-10-25T02:30:00+01:00[Europe/Paris]"];
for (const text of texts) {
  const temporal = Temporal.ZonedDateTime.from(text).toInstant().toString();
  console.log(`${text}: Temporal ${temporal.slice(11, 16)}Z, Luxon ${DateTime.fromISO(text).toUTC().toFormat("HH:mm'Z'")}`);
}
JS
seen=$(node read.mjs)
echo "Luxon $(node -p 'require("luxon/package.json").version'), temporal-polyfill 1.0.8; expected: the same moment"
echo "$seen"
[ "$seen" = '2026-11-29T12:00:00Z[Europe/Paris]: Temporal 12:00Z, Luxon 11:00Z
2026-10-25T02:30:00+02:00[Europe/Paris]: Temporal 00:30Z, Luxon 01:30Z
2026-10-25T02:30:00+01:00[Europe/Paris]: Temporal 01:30Z, Luxon 01:30Z' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: Luxon reads two of the three as other moments'
