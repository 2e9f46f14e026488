"""Every receiver of docs/receivers.md, with the published packages: what the stack delivers is verified, what somebody
else sends is refused."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import tempfile
import time

from receivers import installed, programs, receiver, send
from stack import stack

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

TEXT = {"content-type": "text/plain; charset=utf-8"}

# Method, headers, payload, and the body that the receiver must have verified.
DELIVERIES = [
    ("POST", {}, {"n": 9007199254740993, "é": "ü"}, '{"n": 9007199254740993, "é": "ü"}'),
    ("POST", {}, None, "null"),
    ("PUT", {}, None, "null"),
    ("PATCH", {}, [1], "[1]"),
    ("POST", TEXT, "not JSON, and é", "not JSON, and é"),
    ("POST", TEXT, "", ""),
    ("DELETE", {}, None, ""),
    ("GET", {}, {"a": 1}, ""),
]


def signature(secret, timestamp, body, id="t-1"):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def headers(timestamp, *signatures):
    return {"webhook-id": "t-1", "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signatures)}


def delivered(running, url):
    for method, sent, payload, expected in DELIVERIES:
        http = {"url": url, "method": method, "headers": sent}
        body = json.dumps({"target": {"http": http}, "payload": payload}, ensure_ascii=False).encode()
        status, task = running.call_raw("POST", "/v1/tasks", body)
        assert status == 202, task
        task = running.ended(task["id"])
        assert task["state"] == "succeeded", (method, payload, task["error"])
        assert task["result"]["body"] == expected, (method, payload, task["result"])


def refused(url):
    now = int(time.time())
    body = b'{"n":1}'
    good = signature(SECRET, now, body)
    assert send(url, headers(now, good), body) == 200
    assert send(url, headers(now, signature(OTHER, now, body), good), body) == 200, "one of two secrets"
    # The clock only moves on, so what is 301 s old stays too old, and 290 s leaves ten to run this line.
    assert send(url, headers(now - 290, signature(SECRET, now - 290, body)), body) == 200
    for what, sent, text in [
        ("another body", headers(now, good), b'{"n":2}'),
        ("another secret", headers(now, signature(OTHER, now, body)), body),
        ("another id", {**headers(now, good), "webhook-id": "t-2"}, body),
        ("too old", headers(now - 301, signature(SECRET, now - 301, body)), body),
        ("too new", headers(now + 400, signature(SECRET, now + 400, body)), body),
        ("joined lines", headers(now, f"{good},{signature(OTHER, now, body)}x"), b"other"),
        ("damaged", headers(now, "v1", "v1,a,b"), body),
        ("no number", {**headers(now, good), "webhook-timestamp": "soon"}, body),
        ("no headers", {}, body),
    ]:
        assert send(url, sent, text) == 401, what


# What the page says of a timestamp that is 300 s old: each clock stands still half a second later.
EDGE_PYTHON = """
import datetime, sys
from standardwebhooks import webhooks

class Still(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(float(sys.argv[1]) + 300.5, tz)

webhooks.datetime = Still
try:
    webhooks.Webhook(sys.argv[2]).verify("", {"webhook-id": "t-1", "webhook-timestamp": sys.argv[1],
                                              "webhook-signature": sys.argv[3]}, json_parse=False)
    print("accepted")
except webhooks.WebhookVerificationError as refused:
    print(refused)
"""
EDGE_NODE = """
const { Webhook } = require("standardwebhooks");
const [timestamp, secret, signature] = process.argv.slice(1);
Date.now = () => Number(timestamp) * 1000 + 300500;
const headers = { "webhook-id": "t-1", "webhook-timestamp": timestamp, "webhook-signature": signature };
new Webhook(secret).verify("", headers, { jsonParse: false });
console.log("accepted");
"""


def edge(directory):
    then = 1614265330
    arguments = [str(then), SECRET, signature(SECRET, then, b"")]
    for command, said in [
        ([str(directory / "venv/bin/python"), "-c", EDGE_PYTHON], "Message timestamp too old"),
        (["node", "-e", EDGE_NODE], "accepted"),
    ]:
        ran = subprocess.run([*command, *arguments], cwd=directory, check=True, capture_output=True, text=True)
        assert ran.stdout.strip() == said, ran.stdout
    print("300 s: PyPI refuses, npm accepts")


def main():
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        names = programs("docs/receivers.md", directory)
        assert len(names) == 6, names
        commands = installed(directory, names)
        edge(directory)
        os.environ["TASKWAY_WEBHOOK_SECRETS"] = f"{OTHER} {SECRET}"
        with stack("--allow-http", "127.0.0.1") as running:
            for name, command in commands.items():
                with receiver(directory, command, SECRET) as url:
                    delivered(running, url)
                    refused(url)
                print(f"{name} verifies what the stack sends, and refuses the rest")


main()
