#!/usr/bin/env bash
# go-quartz, a scheduler in Go: a job of every half hour in New York, and the night in which the clock skips 02:00 to 03:00.
# We expected 01:30 and then 03:00, half an hour later. After 01:30 the trigger says that it has expired, the error of a trigger that has no
# time left, as with a year that is past. So the job is never due again. In Berlin, and every hour in New York, it goes on.
# docs/schedules.md has a table of what other schedulers do with a skipped time. In Taskway `*/30` means real time: it fires at 03:00.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module times
go 1.24
require github.com/reugn/go-quartz v0.15.2
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/reugn/go-quartz/quartz"
)

func show(expression, zone, start string) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	trigger, err := quartz.NewCronTriggerWithLoc(expression, location)
	if err != nil {
		panic(err)
	}
	last, _ := time.ParseInLocation("2006-01-02 15:04", start, location)
	fmt.Printf("%s in %s:", expression, zone)
	for range 3 {
		next, err := trigger.NextFireTime(last.UnixNano())
		if err != nil {
			fmt.Printf(" %v", err)
			break
		}
		last = time.Unix(0, next).In(location)
		fmt.Print(last.Format(" 15:04"))
	}
	fmt.Println()
}

func main() {
	show("0 */30 * * * ?", "America/New_York", "2027-03-14 01:10")
	show("0 0 * * * ?", "America/New_York", "2027-03-14 01:10")
	show("0 */30 * * * ?", "Europe/Berlin", "2027-03-28 01:10")
}
GO
GOFLAGS=-mod=mod go build -o times . 2>log || { cat log; exit 1; }
seen=$(./times)
echo 'go-quartz 0.15.2, the times after 01:10; expected: 01:30 03:00 03:30 for half hours'
echo "$seen"
[ "$seen" = '0 */30 * * * ? in America/New_York: 01:30 trigger has expired
0 0 * * * ? in America/New_York: 03:00 04:00 05:00
0 */30 * * * ? in Europe/Berlin: 01:30 03:00 03:30' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the job of New York ends in that night'
