"""The programs of docs/receivers.md: takes them out of the page, installs their packages and starts them."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

from stack import free_ports

PYTHON = ["standardwebhooks==1.1.0", "svix==2.9.1"]
NODE = ["standardwebhooks@1.1.1", "svix@2.5.0"]
GO = ["github.com/standard-webhooks/standard-webhooks/libraries@v0.0.1"]
CARGO = """[package]
name = "receiver"
edition = "2024"

[[bin]]
name = "receiver"
path = "receiver.rs"

[dependencies]
axum = "=0.8.9"
standardwebhooks = "=1.0.1"
tokio = { version = "1", features = ["macros", "net", "rt"] }

[workspace]
"""


def run(directory, *command, **environment):
    print("$", *command, flush=True)
    subprocess.run(command, cwd=directory, check=True, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)


def programs(page, directory):
    """Writes each program of the page into the directory and returns their names."""
    text = pathlib.Path(page).read_text()
    found = re.findall(r"^```\w+ (\S+\.\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for name, program in found:
        (directory / name).write_text(program)
    return [name for name, _ in found]


def installed(directory, names):
    """The command of each program."""
    python, target = directory / "venv/bin/python", pathlib.Path("target/receivers").absolute()
    run(directory, sys.executable, "-m", "venv", "venv")
    run(directory, str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PYTHON)
    run(directory, "npm", "install", "--silent", "--no-audit", "--no-fund", *NODE)
    run(directory, "go", "mod", "init", "receiver")
    run(directory, "go", "get", *GO)
    run(directory, "go", "build", "-o", "receiver_go", "receiver.go")
    (directory / "Cargo.toml").write_text(CARGO)
    run(directory, os.environ.get("CARGO", "cargo"), "build", "-q", CARGO_TARGET_DIR=str(target))
    ways = {
        ".py": lambda name: [str(python), name],
        ".mjs": lambda name: ["node", name],
        ".go": lambda name: ["./receiver_go"],
        ".rs": lambda name: [str(target / "debug/receiver")],
    }
    return {name: ways[pathlib.Path(name).suffix](name) for name in names}


@contextlib.contextmanager
def receiver(directory, command, secret):
    """Starts a receiver and gives its URL."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": secret}
    process = subprocess.Popen(command, cwd=directory, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(urllib.error.URLError):
                send(url, {}, b"")
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{command} does not come up")
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=60)


def send(url, headers, body):
    """The status that a POST gets."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST"), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
