#!/usr/bin/env bash
# bull-board, the dashboard of BullMQ: does its page load from its own server alone?
# We expected so of a dashboard that one mounts in one's own server, beside a queue in a private network. Its page names a style sheet of
# fonts.googleapis.com before everything else, and a browser draws nothing below a style sheet until that has come or failed. Behind
# a firewall that drops packets, that is when the browser gives up. A policy of `style-src 'self'` refuses it.
# Taskway's dashboard loads nothing from elsewhere, which its policy and a test hold: docs/dashboard.md. The comparison with bull-board in
# dashboard/measure keeps the browser from other machines, so that the network is not measured.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund @bull-board/api@9.10.1 @bull-board/express@9.10.1 express@5.3.0 >/dev/null

cat >page.js <<'JS'
const express = require("express");
const { createBullBoard } = require("@bull-board/api");
const { ExpressAdapter } = require("@bull-board/express");
const adapter = new ExpressAdapter();
adapter.setBasePath("/");
createBullBoard({ queues: [], serverAdapter: adapter });
const server = express().use("/", adapter.getRouter()).listen(0, "127.0.0.1", async () => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  const links = [...(await answer.text()).matchAll(/<(?:link|script)[^>]*?(?:href|src)="(https?:\/\/[^"/]+)/g)];
  const hosts = [...new Set(links.map(([, host]) => host))].sort();
  console.log(`${answer.status}, policy ${answer.headers.get("content-security-policy") ?? "none"}, other hosts: ${hosts.join(" ") || "none"}`);
  server.close();
});
JS
seen=$(node page.js)
echo 'expected: other hosts: none'
echo "@bull-board/express $(node -p 'require("@bull-board/express/package.json").version'): $seen"
[ "$seen" = '200, policy none, other hosts: https://fonts.googleapis.com' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the page asks another host first'
