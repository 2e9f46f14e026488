"""Runs the embedded stack for a test in another language, on free ports, and stops it."""

import contextlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

TASKWAY = os.environ.get("TASKWAY", "target/debug/taskway")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Stack:
    def __init__(self, *options):
        api, dynamodb, sqs = free_ports(3)
        self.url = f"http://127.0.0.1:{api}"
        self.process = subprocess.Popen(
            [TASKWAY, "dev", "--port", str(api), "--dynamodb-port", str(dynamodb), "--sqs-port", str(sqs), *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.environment = {}
        for line in self.process.stdout:
            self.environment.update(re.findall(r"((?:AWS|TASKWAY)_\w+)=(\S+)", line))
            if line.startswith("Ctrl-C"):
                break
        else:
            raise SystemExit("taskway dev did not start")

    def call(self, method, path, body=None):
        return self.call_raw(method, path, None if body is None else json.dumps(body).encode())

    def call_raw(self, method, path, data):
        request = urllib.request.Request(self.url + path, method=method, headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, data) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def submit(self, handler, payload=None, **fields):
        status, task = self.call("POST", "/v1/tasks", {"target": {"handler": handler}, "payload": payload, **fields})
        assert status == 202, task
        return task["id"]

    def ended(self, task_id, within=20):
        """Waits for the task's end and returns the task."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            _, task = self.call("GET", f"/v1/tasks/{task_id}")
            if task["finished_at"]:
                return task
            time.sleep(0.05)
        raise AssertionError(f"{task_id} has not ended: {task}")

    def callback(self, parent, within=20):
        """The id of the callback of an ended task. Its process makes it after it has written the end."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            _, listed = self.call("GET", f"/v1/tasks?parent_id={parent}")
            if listed["tasks"]:
                return listed["tasks"][0]["id"]
            time.sleep(0.05)
        raise AssertionError(f"{parent} has no callback")


@contextlib.contextmanager
def stack(*options):
    running = Stack(*options)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(timeout=60)
