"""Runs every block of code in README.md, and the example, as a reader would."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import httpx
import pytest
from conftest import ROOT, SECRET, Stack, free_ports

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS: List[Tuple[str, str, str]] = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROGRAMS = [text for kind, name, text in BLOCKS if kind == "python" and not name]
FILES = {name: text for kind, name, text in BLOCKS if kind == "python" and name}
COMMANDS = [text for kind, _, text in BLOCKS if kind == "sh"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


@pytest.fixture(scope="module")
def receiver(folder: Path) -> Iterator[int]:
    """Serves `handlers.py` with the README's own command, on a port that is free."""
    (port,) = free_ports(1)
    for name, text in FILES.items():
        (folder / name).write_text(text.replace("8001", str(port)))
    (command,) = [text for text in COMMANDS if "uvicorn" in text]
    with started(command.replace("uvicorn", f"exec {sys.executable} -m uvicorn").replace("8001", str(port)), folder):
        deadline = time.monotonic() + 20
        # It answers a request without a signature with 401.
        while status(f"http://127.0.0.1:{port}/") != 401:
            assert time.monotonic() < deadline, "the README's server does not answer"
            time.sleep(0.05)
        yield port


def status(url: str) -> int:
    try:
        return httpx.post(url).status_code
    except httpx.TransportError:
        return 0


@contextlib.contextmanager
def started(command: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        ["bash", "-ec", command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("TASKWAY_WEBHOOK")},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=40)


def environment(stack: Stack, folder: Path) -> Dict[str, str]:
    return {**os.environ, "TASKWAY_URL": stack.url, "TASKWAY_WEBHOOK_SECRETS": SECRET, "PYTHONPATH": python_path(folder)}


def python_path(folder: Path) -> str:
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def test_every_block_is_run() -> None:
    assert len(BLOCKS) == len(PROGRAMS) + len(FILES) + len(COMMANDS)
    assert len(PROGRAMS) >= 8
    assert list(FILES) == ["handlers.py"]


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_readme_runs(program: str, stack: Stack, receiver: int, folder: Path) -> None:
    text = program.replace("8001", str(receiver))
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", text],
        cwd=folder,
        env=environment(stack, folder),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = iter(done.stdout.splitlines())
    for expected in re.findall(r"^ *print\(.*\)  # (.*)$", program, re.MULTILINE):
        assert expected in said, f"{expected!r} is not among what it printed: {done.stdout}"


@pytest.mark.parametrize("command", [text for text in COMMANDS if "uvicorn" not in text])
def test_a_command_of_the_readme_starts_the_stack(command: str, folder: Path) -> None:
    ports = free_ports(3)
    binary = os.environ.get("TASKWAY_BIN", str(ROOT / "target/debug/taskway"))
    options = "--port {} --dynamodb-port {} --sqs-port {}".format(*ports)
    assert "taskway dev" in command
    with started(command.replace("taskway dev", f"exec {binary} dev {options}"), folder) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("Ctrl-C"):
                break
        assert f"http://127.0.0.1:{ports[0]}" in said


def test_the_example_runs(stack: Stack, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples/python/welcome.py")],
        env={**environment(stack, tmp_path), "PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line.split(" ", 2)[1:] for line in done.stdout.splitlines()]
    assert said == [["succeeded", f"welcome, user {user}"] for user in range(10)]
