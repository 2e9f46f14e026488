#!/usr/bin/env bash
# Go's retryablehttp with RetryWaitMax of one second, and a server that answers 503 with Retry-After: how long does it wait?
# We expected one second at most, as with undici's RetryAgent and its `maxTimeout`. retryablehttp waits for as long as the server says, here
# three seconds, and the client's Timeout does not count that time either. A server that says an hour holds the caller for an hour.
# Taskway answers 429 and 503 with Retry-After (docs/api.md), so a client in Go must bound the wait by a context.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund undici@7.30.2 >/dev/null

cat >go.mod <<'MOD'
module wait
go 1.24
require github.com/hashicorp/go-retryablehttp v0.7.8
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

func main() {
	var calls []time.Time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls = append(calls, time.Now()); len(calls) == 1 {
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(503)
		}
	}))
	client := retryablehttp.NewClient()
	client.Logger, client.RetryWaitMax, client.HTTPClient.Timeout = nil, time.Second, 2*time.Second
	response, err := client.Get(server.URL)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d after %.0f s\n", response.StatusCode, calls[1].Sub(calls[0]).Seconds())
}
GO
cat >wait.js <<'JS'
const { Agent, RetryAgent, request } = require("undici");
const calls = [];
const server = require("http").createServer((_, response) => {
  if (calls.push(Date.now()) === 1) response.writeHead(503, { "retry-after": "3" });
  response.end();
});
server.listen(0, "127.0.0.1", async () => {
  const dispatcher = new RetryAgent(new Agent(), { maxTimeout: 1000 });
  const { statusCode } = await request(`http://127.0.0.1:${server.address().port}`, { dispatcher });
  console.log(`${statusCode} after ${Math.round((calls[1] - calls[0]) / 1000)} s`);
  process.exit();
});
JS
GOFLAGS=-mod=mod go build -o wait . 2>log || { cat log; exit 1; }
seen="retryablehttp 0.7.8: $(./wait) | undici $(node -p 'require("undici/package.json").version'): $(node wait.js)"
echo 'Retry-After: 3 and a limit of 1 s; expected: 1 s'
echo "$seen"
[ "$seen" = 'retryablehttp 0.7.8: 200 after 3 s | undici 7.30.2: 200 after 1 s' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: only undici keeps its limit'
