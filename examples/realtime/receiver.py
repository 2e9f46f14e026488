"""A service that Taskway delivers to: checks the signature, refuses an attempt that a later one has overtaken, answers.

In one shell (after stopping another `taskway dev`):
    export TASKWAY_WEBHOOK_SECRETS=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    python3 examples/realtime/receiver.py &
    taskway dev --allow-http 127.0.0.1
In another:
    taskway submit --http http://127.0.0.1:9090/ticks '{"price": 101.5}' --wait 5

The signature covers id, time and body, not the fence: trust the fence of a signed request as far as its transport.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS = [base64.b64decode(s.removeprefix("whsec_")) for s in os.environ.get("TASKWAY_WEBHOOK_SECRETS", "").replace(",", " ").split()]
TOLERANCE_SECONDS = 300
fences = {}


def is_genuine(headers, body):
    """Whether one of our secrets signed exactly these bytes, recently."""
    if abs(time.time() - int(headers.get("webhook-timestamp", 0))) > TOLERANCE_SECONDS:
        return False
    signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    expected = {"v1," + base64.b64encode(hmac.new(s, signed, hashlib.sha256).digest()).decode() for s in SECRETS}
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(g, e) for g in given for e in expected)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections, so that the executor can use them again

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if SECRETS and not is_genuine(self.headers, body):
            return self.answer(401, {"error": "not signed by us"})
        task, fence = self.headers.get("webhook-id", ""), int(self.headers.get("taskway-fence", 0))
        if fence < fences.get(task, 0):
            return self.answer(409, {"error": "a later attempt was here already"})
        fences[task] = fence
        print(f"task {task} attempt {self.headers['taskway-attempt']}: {body.decode()}", flush=True)
        self.answer(200, {"seen": True})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", 9090), Receiver).serve_forever()
