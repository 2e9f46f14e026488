#!/usr/bin/env bash
# Resty, an HTTP client for Go, with SetRetryCount(2): does the new version 3 try again if the connection is refused?
# We expected so: version 2 does, and version 3 says of its default conditions that they look at transport errors. Only a timeout is tried again,
# and neither a refused connection nor a 503 with `Retry-After`, which version 3 has code to wait for. Conditions of one's own are asked for
# both, and RetryConditionStatus5XX and RetryConditionStatusTooManyRequests are there to be added.
# So a program that goes from 2 to 3 keeps its line and has no retry while a server restarts. A program in Go calls Taskway's API with a client
# of its own, gets 429 and 503 with Retry-After, and should try again as well if no answer came (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module retries
go 1.25
require (
	github.com/go-resty/resty/v2 v2.17.2
	resty.dev/v3 v3.0.0-rc.4
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	two "github.com/go-resty/resty/v2"
	three "resty.dev/v3"
)

// Counts the tries.
type counting struct{ tries int }

func (c *counting) RoundTrip(request *http.Request) (*http.Response, error) {
	c.tries++
	return http.DefaultTransport.RoundTrip(request)
}

func main() {
	log.SetOutput(io.Discard)
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/slow" {
			time.Sleep(200 * time.Millisecond)
		}
		answer.Header().Set("Retry-After", "0")
		answer.WriteHeader(http.StatusServiceUnavailable)
	}))
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	closed := "http://" + listener.Addr().String()
	listener.Close()
	for _, version := range []int{2, 3} {
		get := func(url string) int {
			transport := &counting{}
			if version == 2 {
				client := two.New().SetTransport(transport).SetRetryCount(2).SetRetryWaitTime(time.Millisecond)
				client.SetTimeout(100 * time.Millisecond).SetLogger(quiet{}).R().Get(url)
			} else {
				client := three.New().SetTransport(transport).SetRetryCount(2).SetRetryWaitTime(time.Millisecond)
				client.SetTimeout(100 * time.Millisecond).SetLogger(quiet{}).R().Get(url)
			}
			return transport.tries
		}
		fmt.Printf("version %d: timeout %d, refused %d, 503 %d\n", version, get(server.URL+"/slow"), get(closed), get(server.URL))
	}
}

type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}
GO
GOFLAGS=-mod=mod go build -o retries . 2>log || { cat log; exit 1; }
seen=$(./retries)
echo 'Resty 2.17.2 and 3.0.0-rc.4, tries with SetRetryCount(2); expected: refused 3 in both'
echo "$seen"
[ "$seen" = 'version 2: timeout 3, refused 3, 503 1
version 3: timeout 3, refused 1, 503 1' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: version 3 tries a refused connection once'
