"""The stack that the tests run against: `taskway dev`, on free ports of this machine."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List

import pytest

from taskway import Taskway

ROOT = Path(__file__).parents[3]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Stack:
    url: str
    # What `taskway dev` says to export: where its table and queues are.
    environment: Dict[str, str]


def free_ports(count: int) -> List[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start_stack(*options: str) -> Iterator[Stack]:
    binary = os.environ.get("TASKWAY_BIN", str(ROOT / "target/debug/taskway"))
    if not os.access(binary, os.X_OK):
        pytest.exit(f"{binary} is missing: run `cargo build -p taskway-cli`, or set TASKWAY_BIN", returncode=2)
    api, dynamodb, sqs = map(str, free_ports(3))
    ports = ["--port", api, "--dynamodb-port", dynamodb, "--sqs-port", sqs]
    environment = {**os.environ, "TASKWAY_WEBHOOK_SECRETS": SECRET}
    process = subprocess.Popen([binary, "dev", *ports, *options], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        else:
            pytest.exit(f"taskway dev did not start: {''.join(said)}", returncode=2)
        yield Stack(f"http://127.0.0.1:{api}", dict(re.findall(r"((?:AWS|TASKWAY)_\w+)=(\S+)", "".join(said))))
    finally:
        # The second signal ends it without waiting for tasks that run.
        process.terminate()
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(timeout=30)
        process.stdout.close()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    yield from start_stack("--allow-http", "127.0.0.0/8")


@pytest.fixture
def taskway(stack: Stack) -> Iterator[Taskway]:
    with Taskway(stack.url) as client:
        yield client
