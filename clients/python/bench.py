"""Measures the client, and prints what it cost: python bench.py [TASKS]

Compares with boto3's `send_message` at the same embedded stack. Both servers are in one process beside this one, so the
processor time is the client's own, and the latencies are not those of AWS.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, List, Tuple

import boto3

from taskway import NewTask, Taskway

sys.path.insert(0, str(Path(__file__).parent / "tests"))
from conftest import start_stack

PAYLOAD = {"user": 42, "name": "Ada Lovelace", "text": "x" * 200}
MILLISECONDS = 1000


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"Python {sys.version.split()[0]}")
    imports()
    # The executor leaves lane `low` alone, so that only the submits are measured.
    with contextlib.contextmanager(start_stack)("--lanes", "high,normal") as stack, Taskway(stack.url) as taskway:
        sqs = boto3.client("sqs", **arguments(stack.environment))
        lane = stack.environment["TASKWAY_QUEUE_LOW"]
        body = json.dumps(PAYLOAD)
        submits(
            lambda: taskway.submit("echo", PAYLOAD, priority="low"),
            lambda: sqs.send_message(QueueUrl=lane, MessageBody=body),
        )
        batches(taskway, many)


def imports() -> None:
    for module in ("taskway", "taskway, taskway.app", "httpx", "boto3"):
        program = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        took = [float(subprocess.check_output([sys.executable, "-c", program])) * MILLISECONDS for _ in range(11)]
        print(f"import {module}: {min(took):.0f} ms at best, median {statistics.median(took):.0f} ms")


def submits(ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    for call in (ours, theirs):
        measured(call, 20)
    rounds = [(measured(ours, 100), measured(theirs, 100)) for _ in range(5)]
    for name, which in (("submit", 0), ("boto3 send_message", 1)):
        processor = statistics.median(one[which][0] for one in rounds)
        latency = statistics.median(one[which][1] for one in rounds)
        print(f"{name}: {processor:.2f} ms of processor time, latency {latency:.2f} ms")
    for name, part in (("processor time", 0), ("latency", 1)):
        ratio = statistics.median(ours[part] / theirs[part] for ours, theirs in rounds)
        print(f"submit / send_message, {name}: {ratio:.2f}")


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


def arguments(environment: dict[str, str]) -> dict[str, str]:
    return {
        "endpoint_url": environment["AWS_ENDPOINT_URL_SQS"],
        "region_name": environment.get("AWS_REGION", "us-east-1"),
        "aws_access_key_id": environment.get("AWS_ACCESS_KEY_ID", "test"),
        "aws_secret_access_key": environment.get("AWS_SECRET_ACCESS_KEY", "test"),
    }


if __name__ == "__main__":
    main()
