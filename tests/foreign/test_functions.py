"""The three functions as real Lambda processes: cargo-lambda runs them, the stack feeds them."""

import os
import signal
import subprocess
import sys
import time
import urllib.request

from stack import free_ports, stack


def main(cargo_lambda):
    (port,) = free_ports(1)
    with stack("--functions", f"http://127.0.0.1:{port}") as running:
        watch = subprocess.Popen(
            [cargo_lambda, "lambda", "watch", "--ignore-changes", "--concurrency", "4", "-A", "127.0.0.1", "-P", str(port)],
            env={**os.environ, **running.environment, "TASKWAY_AUTH": "IAM"},
            start_new_session=True,
        )
        try:
            task = running.ended(running.submit("fail", {"times": 1}, retry={"min_backoff_seconds": 0, "max_backoff_seconds": 0}), within=900)
            assert (task["state"], task["attempt"]) == ("succeeded", 2), task
            print("a task ran in the executor function, twice")
            body = b'{"version":"2.0","routeKey":"$default","rawPath":"/healthz","rawQueryString":"","headers":{"host":"x"},' \
                   b'"requestContext":{"http":{"method":"GET","path":"/healthz","protocol":"HTTP/1.1","sourceIp":"127.0.0.1",' \
                   b'"userAgent":"x"},"stage":"$default","requestId":"1","timeEpoch":1},"isBase64Encoded":false}'
            url = f"http://127.0.0.1:{port}/2015-03-31/functions/taskway-submit/invocations"
            until = time.monotonic() + 120
            while True:
                try:
                    answer = urllib.request.urlopen(url, body, timeout=120).read().decode()
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(1)
            assert '"statusCode":200' in answer, answer
            print("the submit function answers API Gateway's event")
        finally:
            os.killpg(watch.pid, signal.SIGTERM)
            watch.wait(timeout=30)


main(sys.argv[1])
