"""Measures the client, and prints what it cost: python bench.py [TASKS]

Compares with boto3's `send_message`, first at a server that answers both at once, then at the same embedded stack. The
servers are processes of their own, so the processor time is the client's. A process that waits longer finds less in the
processor's caches, so the first comparison is the fairer one. The latencies are not those of AWS.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Tuple

import boto3

from taskway import NewTask, Taskway

sys.path.insert(0, str(Path(__file__).parent / "tests"))
from conftest import start_stack

PAYLOAD = {"user": 42, "name": "Ada Lovelace", "text": "x" * 200}
TIME = "2026-11-29T10:00:00.000Z"
MILLISECONDS = 1000


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"Python {sys.version.split()[0]}")
    imports()
    with prompt() as url, Taskway(url) as taskway:
        print("at a server that answers at once")
        compare(taskway, {"AWS_ENDPOINT_URL_SQS": url}, url)
    # The executor leaves lane `low` alone, so that only the submits are measured.
    with contextlib.contextmanager(start_stack)("--lanes", "high,normal") as stack, Taskway(stack.url) as taskway:
        print("at the embedded stack")
        compare(taskway, stack.environment, stack.environment["TASKWAY_QUEUE_LOW"])
        batches(taskway, many)


def imports() -> None:
    for module in ("taskway", "taskway, taskway.app", "httpx", "boto3"):
        program = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        took = [float(subprocess.check_output([sys.executable, "-c", program])) * MILLISECONDS for _ in range(11)]
        print(f"import {module}: {min(took):.0f} ms at best, median {statistics.median(took):.0f} ms")


def compare(taskway: Taskway, environment: Dict[str, str], lane: str) -> None:
    sqs = boto3.client("sqs", **arguments(environment))
    body = json.dumps(PAYLOAD)
    calls: List[Callable[[], object]] = [
        lambda: taskway.submit("echo", PAYLOAD, priority="low"),
        lambda: sqs.send_message(QueueUrl=lane, MessageBody=body),
    ]
    for call in calls:
        measured(call, 20)
    rounds = [[measured(call, 100) for call in calls] for _ in range(7)]
    for name, which in (("submit", 0), ("boto3 send_message", 1)):
        processor, latency = (statistics.median(one[which][part] for one in rounds) for part in (0, 1))
        print(f"  {name}: {processor:.2f} ms of processor time, latency {latency:.2f} ms")
    for name, part in (("processor time", 0), ("latency", 1)):
        ratio = statistics.median(ours[part] / theirs[part] for ours, theirs in rounds)
        print(f"  submit / send_message, {name}: {ratio:.2f}")


def measured(call: Callable[[], object], times: int) -> Tuple[float, float]:
    """Milliseconds of this process and median latency of a call."""
    processor, latencies = time.process_time(), []
    for _ in range(times):
        start = time.perf_counter()
        call()
        latencies.append(time.perf_counter() - start)
    return (time.process_time() - processor) / times * MILLISECONDS, statistics.median(latencies) * MILLISECONDS


def batches(taskway: Taskway, many: int) -> None:
    tasks: List[NewTask] = [NewTask("echo", PAYLOAD, priority="low") for _ in range(many)]
    start, processor = time.perf_counter(), time.process_time()
    answers = taskway.submit_many(tasks)
    together, spent = time.perf_counter() - start, time.process_time() - processor
    assert all(answer.accepted for answer in answers)
    few = max(many // 10, 1)
    start, alone_spent = time.perf_counter(), time.process_time()
    for task in tasks[:few]:
        taskway.submit(task.target, task.payload, priority=task.priority)
    alone, alone_spent = (time.perf_counter() - start) * many / few, (time.process_time() - alone_spent) * many / few
    print(f"{many} tasks by submit_many: {together:.1f} s, {spent:.2f} s of processor time")
    print(f"{many} tasks one by one, from {few}: {alone:.1f} s, {alone_spent:.2f} s of processor time")
    print(f"one by one / submit_many: {alone / together:.1f}, processor time {alone_spent / spent:.1f}")


@contextlib.contextmanager
def prompt() -> Iterator[str]:
    """A server that answers every request at once, as the API and as SQS."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(target=answer_all, args=(listener,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    process.terminate()
    process.join()
    listener.close()


def answer_all(listener: socket.socket) -> None:
    md5 = hashlib.md5(json.dumps(PAYLOAD).encode()).hexdigest()
    task = {
        "id": "t1",
        "state": "queued",
        "target": {"handler": "echo"},
        "payload": PAYLOAD,
        "created_at": TIME,
        "run_at": TIME,
    }
    content = json.dumps({**task, "labels": {}, "MessageId": "m1", "MD5OfMessageBody": md5}).encode()
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=answer_one, args=(client, answer), daemon=True).start()


def answer_one(client: socket.socket, answer: bytes) -> None:
    reader = client.makefile("rb")
    while head := reader.readline():
        length = 0
        while (head := reader.readline()) not in (b"\r\n", b""):
            name, _, value = head.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        reader.read(length)
        client.sendall(answer)


def arguments(environment: Dict[str, str]) -> Dict[str, str]:
    return {
        "endpoint_url": environment["AWS_ENDPOINT_URL_SQS"],
        "region_name": environment.get("AWS_REGION", "us-east-1"),
        "aws_access_key_id": environment.get("AWS_ACCESS_KEY_ID", "test"),
        "aws_secret_access_key": environment.get("AWS_SECRET_ACCESS_KEY", "test"),
    }


if __name__ == "__main__":
    main()
