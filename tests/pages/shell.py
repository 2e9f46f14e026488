"""Shell blocks, run by bash as a reader would type them, in a checkout that has built everything.

The reader has only the commands below, so that no page can do more than these do. Four of them differ from the reader's:
curl fails if the answer refuses the request, `make` only says what it would do, `aws` only reads its command, and cargo
builds nothing: it only knows the packages, and runs what is built already.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import ROOT, Block
from stack import TASKWAY, Stack, free_ports

# Where `cargo build` has put the examples, and the programs of the pages.
PROGRAMS = ROOT / "target/debug"
COMMANDS = {
    "taskway": f'exec {os.path.abspath(TASKWAY)} "$@"',
    "curl": f'exec {shutil.which("curl")} --silent --show-error --fail-with-body "$@"',
    "python3": f'exec {sys.executable} "$@"',
    "make": f'echo make >>"$DRY"; exec {shutil.which("make")} --dry-run "$@"',
    "aws": f'echo aws >>"$DRY"; exec {sys.executable} {Path(__file__).parent / "aws_cli.py"} "$@"',
    "cargo": f"""set -e
command=$1
while [ $# -gt 1 ]; do
    case $1 in
    -p) {shutil.which("cargo")} pkgid --quiet --offline --manifest-path {ROOT}/Cargo.toml "$2" >/dev/null ;;
    --bin) name=$2 ;;
    esac
    shift
done
[ "$command" = build ] || exec "{PROGRAMS}/$name" """,
}
# What the commands above are made of.
ALSO = ["bash", "cmp", "cut", "env", "sha256sum", "wc"]
# The last command of a block that stays up, and the line by which it says that it is ready.
SERVERS = [
    (r"^(export .*; )?taskway dev\b", r"^Ctrl-C"),
    (r"^(\w+=\S+ )*(taskway worker|cargo run|target/release/(?!taskway))\b", r"\bready\b"),
]
LIMIT_SECONDS = 60


def programs_of_pages() -> str:
    """A line for each Rust program of the pages: the page and its line, and the file that the block names."""
    return subprocess.run([PROGRAMS / "taskway-pages"], check=True, capture_output=True, text=True).stdout


def parse(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Shell:
    """What a reader of one page types, one block after the other."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.folder = Path(tempfile.mkdtemp(prefix="taskway-pages-"))
        self.servers: list[subprocess.Popen[str]] = []
        commands = self.folder / "commands"
        commands.mkdir()
        for name, script in COMMANDS.items():
            (commands / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
            (commands / name).chmod(0o755)
        for name in ALSO:
            (commands / name).symlink_to(str(shutil.which(name)))
        self.checkout = self.folder / "checkout"
        for profile in ["debug", "release"]:
            (self.checkout / "target" / profile).mkdir(parents=True)
            (self.checkout / "target" / profile / "taskway").symlink_to(commands / "taskway")
        for page, file in re.findall(r"^(\S+) (\S+)$", programs_of_pages(), re.MULTILINE):
            program = self.checkout / "target/release" / Path(file).stem
            program.write_text(f"#!/usr/bin/env bash\nexec {PROGRAMS}/taskway-pages {page}\n")
            program.chmod(0o755)
        for entry in ROOT.iterdir():
            if entry.name not in {"target", ".git", ".venv"}:
                (self.checkout / entry.name).symlink_to(entry)
        foreign = ("TASKWAY_", "AWS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        # A reader has pasted the `export` lines of `taskway dev`. Workers take the lane that the stack leaves to them.
        self.environment = {
            **kept,
            **stack.environment,
            "DRY": str(self.folder / "dry"),
            "PATH": str(commands),
            "TABLE": stack.environment["TASKWAY_TABLE"],
            "LANE_URL": stack.environment["TASKWAY_QUEUE_NORMAL"],
            "TASKWAY_LOG": "warn",
        }

    def run(self, block: Block) -> str:
        """Returns what was done with the block."""
        parse(block)
        dry = self.folder / "dry"
        dry.unlink(missing_ok=True)
        text = self.filled_in(block.text)
        for last, ready in SERVERS:
            if re.search(last, text.strip().split("\n")[-1]):
                self.serve(text, ready)
                return "run"
        # A pipe would stay open as long as a child that the block left behind.
        with tempfile.TemporaryFile("w+") as said:
            command = ["bash", "-euo", "pipefail", "-c", text]
            done = subprocess.run(
                command, cwd=self.checkout, env=self.environment, stdout=said, stderr=said, timeout=LIMIT_SECONDS
            )
            said.seek(0)
            assert done.returncode == 0, f"{text}\nended with {done.returncode}:\n{said.read()}"
        return "dry-run by make or aws" if dry.exists() else "run"

    def filled_in(self, text: str) -> str:
        """Puts the stack's address, a task and a cursor in the places that a reader fills in."""
        text = re.sub(r"\b(localhost|127\.0\.0\.1):8080\b", self.stack.url.removeprefix("http://"), text)
        if re.search(r"\bID\b", text):
            text = re.sub(r"\bID\b", self.stack.submit("echo", delay_seconds=3600), text)
        if "cursor=eyJ" in text:
            for _ in range(2):
                self.stack.submit("echo", queue="emails", delay_seconds=3600)
            _, answer = self.stack.call("POST", "/v1/queues/emails/purge?limit=1")
            text = re.sub(r"cursor=eyJ\w+…", f"cursor={answer['next_cursor']}", text)
        return text

    def serve(self, text: str, ready: str) -> None:
        """Starts a program that stays up until the end of the page."""
        *before, last = text.strip().split("\n")
        last = last.partition("#")[0].strip()
        if "taskway dev" in last:
            last += " --port {} --dynamodb-port {} --sqs-port {}".format(*free_ports(3))
        process = subprocess.Popen(
            ["bash", "-ec", "\n".join([*before, last])],
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.servers.append(process)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if re.search(ready, line):
                break
        else:
            raise AssertionError(f"{text}\nended before it was ready:\n{said}")
        if "taskway dev" in last:
            self.stop()

    def stop(self) -> None:
        for process in self.servers:
            # The second signal ends it without waiting for tasks that run.
            for _ in range(2):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=2)
            process.wait(timeout=30)
            if process.stdout is not None:
                process.stdout.close()
        self.servers.clear()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)
