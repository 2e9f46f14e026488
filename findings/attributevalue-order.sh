#!/usr/bin/env bash
# The AWS SDK for Go writes a time.Time to DynamoDB as a text. Do the items sort by time, if it is the sort key?
# We expected so: the texts are of RFC 3339, and a sort key is what one writes such texts for. The fraction has as many digits as it needs, and none
# for a whole second, so 12:00:00Z sorts after 12:00:00.5Z. A time keeps its zone: 12:59:59+01:00, a second before noon, sorts after both. So a
# query of what is after a moment leaves items out. guregu/dynamo, on top of that SDK, writes the same texts.
# Handlers may have tables of their own, as docs/local.md says. Taskway's answers have times in UTC with three digits after the point, which do
# sort as texts (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module order
go 1.25
require (
	github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue v1.21.21
	github.com/guregu/dynamo/v2 v2.1.1
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

func show(name string, write func(time.Time) (types.AttributeValue, error)) {
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	times := []time.Time{noon.Add(-time.Second).In(time.FixedZone("", 3600)), noon, noon.Add(500 * time.Millisecond)}
	var keys []string
	for _, moment := range times {
		value, err := write(moment)
		if err != nil {
			panic(err)
		}
		keys = append(keys, value.(*types.AttributeValueMemberS).Value[11:])
	}
	fmt.Printf("%s: %v, sorted: %v\n", name, keys, slices.Sorted(slices.Values(keys)))
}

func main() {
	show("the SDK", func(moment time.Time) (types.AttributeValue, error) { return attributevalue.Marshal(moment) })
	show("guregu/dynamo", func(moment time.Time) (types.AttributeValue, error) { return dynamo.Marshal(moment) })
}
GO
GOFLAGS=-mod=mod go build -o order . 2>log || { cat log; exit 1; }
seen=$(./order)
echo 'attributevalue 1.21.21, guregu/dynamo 2.1.1, three times in order; expected: the same order when sorted'
echo "$seen"
[ "$seen" = 'the SDK: [12:59:59+01:00 12:00:00Z 12:00:00.5Z], sorted: [12:00:00.5Z 12:00:00Z 12:59:59+01:00]
guregu/dynamo: [12:59:59+01:00 12:00:00Z 12:00:00.5Z], sorted: [12:00:00.5Z 12:00:00Z 12:59:59+01:00]' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: the latest sorts first'
