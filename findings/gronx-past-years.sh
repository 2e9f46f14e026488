#!/usr/bin/env bash
# The Go library gronx, and an expression with a year: what is the next time after the last one?
# We expected an error, which it has for `0 0 31 2 *`, since NextTickAfter is asked for a time after the given one. It gives the last time
# again, with no error, though it was told not to. A loop that waits for the next time and fires would then fire without a pause, for ever.
# Taskway's expressions have no year; a schedule ends by its `end_at`, and then `next_runs` is empty: docs/schedules.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module after
go 1.24
require github.com/adhocore/gronx v1.20.4
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/adhocore/gronx"
)

func main() {
	for _, expression := range []string{"0 0 31 2 *", "0 9 30 12 * 2026-2027"} {
		fmt.Printf("%s:", expression)
		at, err := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), error(nil)
		for range 4 {
			if at, err = gronx.NextTickAfter(expression, at, false); err != nil {
				fmt.Print(" an error")
				break
			}
			fmt.Print(at.Format(" 2006-01-02"))
		}
		fmt.Println()
	}
}
GO
GOFLAGS=-mod=mod go build -o after . 2>log || { cat log; exit 1; }
seen=$(./after)
echo "gronx 1.20.4, each the time after the one before; expected: 2026-12-30 2027-12-30 and an error"
echo "$seen"
[ "$seen" = '0 0 31 2 *: an error
0 9 30 12 * 2026-2027: 2026-12-30 2027-12-30 2027-12-30 2027-12-30' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the last time comes again and again'
