"""One stack for all pages, a shell for each, and the counts of what was done with the blocks."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from elsewhere import ELSEWHERE
from excused import EXCUSED
from shell import Shell
from stack import Stack, stack

DONE = pytest.StashKey["Counter[str]"]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[DONE] = Counter()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counts = config.stash[DONE]
    if counts:
        terminalreporter.section("blocks of code")
        terminalreporter.line(", ".join(f"{count} {what}" for what, count in counts.most_common()))
        for page, _, test, command in ELSEWHERE:
            terminalreporter.line(f"run by {test}, in `{command}`: {page}")
        for page, entries in EXCUSED.items():
            for first, reason in entries.items():
                terminalreporter.line(f"not run: {page}: {first[:60]}: {reason}")


@pytest.fixture
def done(request: pytest.FixtureRequest) -> Counter[str]:
    return request.config.stash[DONE]


@pytest.fixture(scope="session")
def functions() -> Iterator[tuple[str, list[Any]]]:
    """Serves Lambda functions that answer null: the URL, and the events that came."""
    events: list[Any] = []

    class Functions(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            events.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"null")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Functions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", events
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def running(functions: tuple[str, list[Any]]) -> Iterator[Stack]:
    # The workers that the pages start share its lanes.
    with stack("--allow-http", "127.0.0.0/8", "--lambda", functions[0]) as one:
        yield one


class Shells:
    def __init__(self, running: Stack) -> None:
        self.running, self.page, self.shell = running, "", Shell(running)

    def of(self, page: str) -> Shell:
        """The shell of the page. Programs that another page has started end."""
        if page != self.page:
            self.shell.close()
            self.page, self.shell = page, Shell(self.running)
        return self.shell


@pytest.fixture(scope="session")
def shells(running: Stack) -> Iterator[Shells]:
    made = Shells(running)
    yield made
    made.shell.close()
