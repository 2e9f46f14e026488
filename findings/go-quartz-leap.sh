#!/usr/bin/env bash
# go-quartz, a scheduler in Go: when is `0 0 0 29 2 ?` due, midnight of 29 February, if one asks in December 2026?
# We expected 29 February 2028, and so on each fourth year. The first time is 1 March 2027, the next is right. Asked for 30 February it has a time
# in each year, on 1 or 2 March. After another month it skips a day that is not there: `0 0 0 30 * ?` goes from January to March.
# Taskway leaves out a year without the day, and refuses an expression of 30 February (docs/schedules.md).
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

	"github.com/reugn/go-quartz/quartz"
)

func main() {
	for _, expression := range []string{"0 0 0 29 2 ?", "0 0 0 30 2 ?", "0 0 0 30 * ?"} {
		trigger, err := quartz.NewCronTriggerWithLoc(expression, time.UTC)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s:", expression)
		last := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC).UnixNano()
		for range 3 {
			if last, err = trigger.NextFireTime(last); err != nil {
				panic(err)
			}
			fmt.Print(time.Unix(0, last).UTC().Format(" 2006-01-02"))
		}
		fmt.Println()
	}
}
GO
GOFLAGS=-mod=mod go build -o times . 2>log || { cat log; exit 1; }
seen=$(./times)
echo 'go-quartz 0.15.2, the times after 2026-12-31; expected: the day that is named, or no time'
echo "$seen"
[ "$seen" = '0 0 0 29 2 ?: 2027-03-01 2028-02-29 2032-02-29
0 0 0 30 2 ?: 2027-03-02 2028-03-01 2029-03-02
0 0 0 30 * ?: 2027-01-30 2027-03-30 2027-04-30' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: days in March'
