"""Edits a handler while `cargo lambda watch` runs, and checks that the next call runs the new code.

The test edits a copy of the sources, always at the same place. So the checkout does not change, and only Taskway's own crates
are compiled for the copy, once. It shares all other build output."""

import hashlib
import os
import pathlib
import shutil
import tempfile
import time

from stack import free_ports, stack
from watch import COMPILED_WITHIN, event, watch

ROOT = pathlib.Path(__file__).parents[2]
HANDLERS = "functions/executor/src/handlers.rs"
BEFORE, AFTER = "succeeded on attempt", "succeeded by new code on attempt"
STARTED = "Running `"


def main():
    copy = copied()
    (port,) = free_ports(1)
    with stack("--lanes", "high") as running:
        environment = {**running.environment, "CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))}
        with watch(port, environment, directory=copy, changes=True) as functions:
            assert result(running, functions) == f"{BEFORE} 1"
            started = functions.said().count(STARTED)
            source = copy / HANDLERS
            source.write_text(source.read_text().replace(BEFORE, AFTER))
            # A call before the restart may be lost, because the stopped function does not answer.
            until = time.monotonic() + COMPILED_WITHIN
            while functions.said().count(STARTED) == started:
                assert time.monotonic() < until, "the function was not started again"
                time.sleep(0.1)
            assert result(running, functions) == f"{AFTER} 1"
            print("after a handler is saved, the next call runs the new code")


def copied():
    place = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    copy = pathlib.Path(tempfile.gettempdir()) / f"taskway-live-edit-{os.getuid()}-{place}"
    shutil.rmtree(copy, ignore_errors=True)
    left_out = shutil.ignore_patterns("target", ".git", ".venv", ".taskway", ".aws-sam", "data", "results", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=left_out, symlinks=True)
    # An earlier build of the edited copy is newer than the original file, so cargo must see a newer time.
    os.utime(copy / HANDLERS)
    return copy


def result(running, functions):
    """Runs a task in the function and returns its result."""
    task_id = running.submit("fail", {"times": 0})
    one = event("sqs-batch")["Records"][0]
    message = f'{{"v":1,"id":"{task_id}","g":1,"due":0,"to":60,"h":"fail"}}'
    assert functions.invoke("taskway-executor", {"Records": [{**one, "body": message}]}) == {"batchItemFailures": []}
    return running.ended(task_id)["result"]


main()
