#!/usr/bin/env bash
# asynq: a task enqueued with Timeout(0), for a job of an hour. How long may it run?
# We expected no limit: "Zero duration means no limit", says the option's documentation. The task gets 30 minutes, as one without the option
# does, because 0 also stands for "not given". A Deadline far ahead lifts the limit.
# People who bring long tasks to Taskway, where `timeout_seconds` is at least 1 and 0 is refused by name: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module limits
go 1.24
require (
	github.com/alicebob/miniredis/v2 v2.40.0
	github.com/hibiken/asynq v0.26.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
)

func main() {
	redis := miniredis.NewMiniRedis()
	if err := redis.StartAddr("127.0.0.1:0"); err != nil {
		panic(err)
	}
	client := asynq.NewClient(asynq.RedisClientOpt{Addr: redis.Addr()})
	limit := func(name string, options ...asynq.Option) {
		info, err := client.Enqueue(asynq.NewTask("report", nil), options...)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %v\n", name, info.Timeout)
	}
	limit("Timeout(1h)", asynq.Timeout(time.Hour))
	limit("nothing", asynq.MaxRetry(3))
	limit("Timeout(0)", asynq.Timeout(0))
	limit("Deadline in a year", asynq.Deadline(time.Now().AddDate(1, 0, 0)))
}
GO
GOFLAGS=-mod=mod go build -o limits . 2>log || { cat log; exit 1; }
seen=$(./limits)
echo 'asynq 0.26.0, the time that a task may run (0s is without limit); expected: Timeout(0): 0s'
echo "$seen"
[ "$seen" = 'Timeout(1h): 1h0m0s
nothing: 30m0s
Timeout(0): 30m0s
Deadline in a year: 0s' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: 30 minutes'
