#!/usr/bin/env bash
# limits for Python, "5 per hour": hits that cost 3, 4, 2 and 1. Which are allowed?
# We expected the first, not the second, which would make 7, and then the third: `hit` says whether the cost could be taken, and
# two are left. MovingWindow and SlidingWindowCounter do so, and `limiter` for JavaScript. With FixedWindow the refused hit is
# taken as well, so nothing is left for the rest of the hour. rate-limiter-flexible for JavaScript is like that too. One request
# that is too large keeps out all the small ones that would fit.
# Programs that limit by cost, as by the tokens of a model, before they submit tasks. A `rate` of Taskway's queues counts the
# starts of tasks, and what is over waits: docs/limits.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check limits==5.8.0
npm install --silent --no-audit --no-fund rate-limiter-flexible@11.4.0 limiter@4.1.0 >/dev/null

cat >costs.py <<'PY'
from limits import parse, storage, strategies
for kind in ["FixedWindow", "MovingWindow", "SlidingWindowCounter"]:
    limiter = getattr(strategies, kind + "RateLimiter")(storage.MemoryStorage())
    print(f"limits, {kind}:", *("yes" if limiter.hit(parse("5 per hour"), "ann", cost=cost) else "no" for cost in [3, 4, 2, 1]))
PY
cat >costs.mjs <<'JS'
import { RateLimiter } from "limiter";
import { RateLimiterMemory } from "rate-limiter-flexible";
const costs = [3, 4, 2, 1], say = (allowed) => (allowed ? "yes" : "no");
const bucket = new RateLimiter({ tokensPerInterval: 5, interval: "hour" });
console.log("limiter:", costs.map((cost) => say(bucket.tryRemoveTokens(cost))).join(" "));
const memory = new RateLimiterMemory({ points: 5, duration: 3600 }), allowed = [];
for (const cost of costs) allowed.push(say(await memory.consume("ann", cost).then(() => true, () => false)));
console.log("rate-limiter-flexible:", allowed.join(" "));
JS
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
seen=$(venv/bin/python costs.py; node costs.mjs)
echo "limits $(venv/bin/pip show limits | sed -n 's/^Version: //p'), rate-limiter-flexible $(version rate-limiter-flexible)," \
    "limiter $(version limiter); expected: yes no yes no"
echo "$seen"
[ "$seen" = 'limits, FixedWindow: yes no no no
limits, MovingWindow: yes no yes no
limits, SlidingWindowCounter: yes no yes no
limiter: yes no yes no
rate-limiter-flexible: yes no no no' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a refused hit is taken as well'
