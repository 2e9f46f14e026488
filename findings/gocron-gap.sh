#!/usr/bin/env bash
# gocron, a scheduler in Go: a job of every day at 02:30, and a clock that skips 02:00 to 03:00. When does it run that day?
# We expected one rule for all zones: 03:00 or 03:30, or not at all, as in other schedulers. In Berlin it is due at 03:30, an
# hour late. In New York it is due at 01:30, an hour early, before the time that it was to wait for. (Go's time.Date decides,
# and promises neither.)
# docs/schedules.md has a table of what other schedulers do with a skipped time. Taskway fires right after the gap, in any zone.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module gap
go 1.24
require (
	github.com/go-co-op/gocron/v2 v2.21.2
	github.com/jonboulle/clockwork v0.5.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"
)

func main() {
	for _, day := range []struct {
		zone string
		date int
	}{{"Europe/Berlin", 28}, {"America/New_York", 14}} {
		zone, err := time.LoadLocation(day.zone)
		if err != nil {
			panic(err)
		}
		clock := clockwork.NewFakeClockAt(time.Date(2027, 3, day.date-1, 12, 0, 0, 0, zone))
		scheduler, err := gocron.NewScheduler(gocron.WithLocation(zone), gocron.WithClock(clock))
		if err != nil {
			panic(err)
		}
		at := gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0))
		job, err := scheduler.NewJob(gocron.DailyJob(1, at), gocron.NewTask(func() {}))
		if err != nil {
			panic(err)
		}
		scheduler.Start()
		runs, err := job.NextRuns(2)
		if err != nil || scheduler.Shutdown() != nil {
			panic(err)
		}
		fmt.Printf("%s: %s, %s\n", day.zone, runs[0].Format("02 March 15:04 -07"), runs[1].Format("02 March 15:04 -07"))
	}
}
GO
GOFLAGS=-mod=mod go build -o gap . 2>log || { cat log; exit 1; }
seen=$(./gap)
echo 'gocron 2.21.2, 02:30 every day; expected: the same clock time on the first day'
echo "$seen"
[ "$seen" = 'Europe/Berlin: 28 March 03:30 +02, 29 March 02:30 +02
America/New_York: 14 March 01:30 -05, 15 March 02:30 -04' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: late in Berlin, early in New York'
