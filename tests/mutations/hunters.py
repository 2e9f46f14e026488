"""What looks for mutations, the quickest first, and how it is built and run.

To add one, add it to HUNTERS: `Tests` for a test target, `Program` for a program that fails when it finds something.
"""

import json
import os
import re
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import Optional, Tuple

from source import SWITCH


@dataclass(frozen=True)
class Tests:
    """A test target: `lib` for a crate's own tests, else the name of a file or folder in its `tests`."""

    name: str
    package: str
    target: str
    # Seconds without an end are a find: the mutation hangs it.
    patience: int
    arguments: Tuple[str, ...] = ()
    # Below which folders it can notice a change; everywhere when none is named.
    sees: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """A program that ends with another code than 0 when it finds something."""

    name: str
    package: str
    target: str
    patience: int
    arguments: Tuple[str, ...] = ()
    sees: Tuple[str, ...] = ()


HUNTERS = [
    Tests("domain", "taskway", "lib", 300, ("domain::",), ("shared/src/domain/",)),
    Program("simulation", "taskway-simulation", "taskway-simulation", 300, ("--seed", "1", "--steps", "48000", "--brief", "--allow-holes")),
    Tests("submit", "taskway-submit", "lib", 120, (), ("shared/", "functions/submit/")),
    Tests("executor", "taskway-executor", "lib", 120, (), ("shared/", "functions/executor/")),
    Tests("scheduler", "taskway-scheduler", "lib", 120, (), ("shared/", "functions/scheduler/")),
    Tests("shared", "taskway", "lib", 300, ("--skip", "domain::"), ("shared/",)),
    Tests("suite", "taskway-tests", "suite", 300),
]


@dataclass
class Built:
    """A hunter that can be let loose."""

    hunter: object
    executable: str
    directory: str
    environment: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Find:
    """What a hunter found."""

    hunter: str
    # The failing test, or what the program said first; for a hang, that it hung.
    what: str
    # What the test said of it.
    why: str = ""
    # Whether it is a test, which can be run alone.
    test: bool = False


class BuildFailed(Exception):
    """The mutated copy does not compile: a definition is wrong."""


def build(hunters, copy, target):
    """Builds what the hunters need, once."""
    tests = [hunter for hunter in hunters if isinstance(hunter, Tests)]
    programs = [hunter for hunter in hunters if isinstance(hunter, Program)]
    artifacts = []
    if tests:
        targets = ["--lib"] if any(hunter.target == "lib" for hunter in tests) else []
        for name in sorted({hunter.target for hunter in tests} - {"lib"}):
            targets += ["--test", name]
        artifacts += cargo(["test", "--no-run", *packages(tests), *targets], copy, target)
    if programs:
        # They do a thousand times what a test does.
        artifacts += cargo(["build", "--release", *packages(programs), "--bins"], copy, target)
    return [built(hunter, artifacts) for hunter in hunters]


def packages(hunters):
    names = sorted({hunter.package for hunter in hunters})
    return [word for name in names for word in ("-p", name)]


def cargo(arguments, copy, target):
    command = [os.environ.get("CARGO", "cargo"), arguments[0], "--locked", *arguments[1:]]
    command.append("--message-format=json-render-diagnostics")
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    ran = subprocess.run(command, cwd=copy, env=environment, stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise BuildFailed("the mutated copy does not compile")
    messages = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    return [message for message in messages if message.get("executable")]


def built(hunter, artifacts):
    for artifact in artifacts:
        directory = os.path.dirname(artifact["manifest_path"])
        kinds = artifact["target"]["kind"]
        name = "lib" if "lib" in kinds else artifact["target"]["name"]
        is_test = artifact["profile"]["test"]
        if name == hunter.target and is_test == isinstance(hunter, Tests) and named(directory, hunter.package):
            return Built(hunter, artifact["executable"], directory, {"CARGO_MANIFEST_DIR": directory})
    raise BuildFailed(f"{hunter.package} has no {hunter.target}")


def named(directory, package):
    with open(os.path.join(directory, "Cargo.toml"), encoding="utf-8") as manifest:
        return f'name = "{package}"' in manifest.read()


def can_see(hunter, mutation):
    """Whether a hunter runs any code that the mutation changes: dependencies point inward."""
    return not hunter.sees or any(edit.file.startswith(hunter.sees) for edit in mutation.edits)


def hunt(built_hunter, mutation):
    """Lets a hunter loose on a mutation's name, or on none. What it found, and what it found once but not again."""
    once = None
    # A test that fails for want of time would pass for a find: a find must come again.
    for _ in range(2):
        find = run(built_hunter, mutation, built_hunter.hunter.arguments)
        if find is None or not find.test:
            return find, once
        again = run(built_hunter, mutation, ("--exact", find.what), to_the_end=True)
        if again is not None:
            return again, once
        once = find
    return None, once


def run(built_hunter, mutation, arguments, to_the_end=False) -> Optional[Find]:
    """Runs a hunter to its first failure, or to the end to hear what it says of it."""
    hunter = built_hunter.hunter
    environment = {**os.environ, **built_hunter.environment, SWITCH: mutation or "", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [built_hunter.executable, *arguments],
        cwd=built_hunter.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    hung = threading.Event()

    def stop():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def tired():
        hung.set()
        stop()

    timer = threading.Timer(hunter.patience, tired)
    timer.start()
    said = []
    failed = None
    try:
        for line in process.stdout:
            line = line.strip()
            test = re.match(r"test (\S+).* \.\.\. FAILED$", line)
            if test:
                failed = test.group(1)
                if not to_the_end:
                    stop()
                    break
            if line:
                said.append(line)
        code = process.wait()
    except BaseException:
        stop()
        raise
    finally:
        timer.cancel()
    if failed:
        return Find(hunter.name, failed, panic(said), True)
    if hung.is_set():
        return Find(hunter.name, f"hung for {hunter.patience} s")
    if code != 0:
        return Find(hunter.name, telling(said, code))
    return None


def panic(said):
    """What stands below the first panic of a test."""
    for line, below in zip(said, said[1:]):
        if " panicked at " in line:
            return below[:160]
    return ""


def telling(said, code):
    """The line of a failed program that tells most."""
    for line in said:
        if re.search(r"panicked|error|violat|fail", line, re.I):
            return line[:160]
    return (said[-1] if said else f"ended with {code}")[:160]
