"""Runs the three functions under `cargo lambda watch`, and invokes them."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

EVENTS = pathlib.Path(__file__).parents[2] / "events"

# In seconds. A function that is not built yet is compiled before its first answer, with all its dependencies.
COMPILED_WITHIN = 1200


class Watch:
    def __init__(self, port, environment, directory=None, changes=False):
        self.port = port
        self.log = tempfile.NamedTemporaryFile("a")
        command = ["cargo", "lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", str(port)]
        self.process = subprocess.Popen(
            [*command, *([] if changes else ["--ignore-changes"])],
            env={**os.environ, **environment},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def listening(self, within=60):
        until = time.monotonic() + within
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise AssertionError(f"`cargo lambda watch` does not listen, its exit status is {self.process.poll()}")

    def invoke(self, function, event):
        """Invokes a function with an event, or with the name of a file in events/, and returns the answer."""
        if isinstance(event, str):
            data = ["--data-file", str(EVENTS / f"{event}.json")]
        else:
            data = ["--data-ascii", json.dumps(event)]
        address = ["--invoke-address", "127.0.0.1", "--invoke-port", str(self.port)]
        done = subprocess.run(
            ["cargo", "lambda", "invoke", *address, *data, function],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=COMPILED_WITHIN,
        )
        assert done.returncode == 0, f"{function}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=30)


@contextlib.contextmanager
def watch(*what, **how):
    running = Watch(*what, **how)
    try:
        running.listening()
        yield running
    except BaseException:
        print("what `cargo lambda watch` said:", *running.said().splitlines()[-60:], sep="\n")
        raise
    finally:
        running.stop()


def event(name):
    return json.loads((EVENTS / f"{name}.json").read_text())
