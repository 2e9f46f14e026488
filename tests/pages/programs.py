"""Programs in Python, TypeScript and Rust, run as they stand. What a comment says that they print, they must print."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from pages import ROOT, Block
from shell import PROGRAMS, Shell, programs_of_pages

CLIENT = ROOT / "clients/typescript"
LIMIT_SECONDS = 60
# What the handlers of the pages return of the payload {"user": 42}.
RESULTS = {"send_welcome": "user-42@example.com", "count_bytes": "12"}


def run_python(block: Block, shell: Shell) -> str:
    ast.parse(block.text)
    folder = shell.folder
    if block.file:
        (folder / block.file).write_text(block.text)
        return "parsed"
    command = [sys.executable, "-W", "error::DeprecationWarning", "-c", block.text]
    compare(said(command, folder, shell), re.findall(r"^ *print\(.*\)  # (.*)$", block.text, re.MULTILINE))
    return "run"


def run_typescript(block: Block, shell: Shell) -> str:
    """Compiles it strictly within the client, where `taskway` is the client itself, and runs it."""
    folder = CLIENT / "build/pages" / shell.folder.name
    if not folder.exists():
        folder.mkdir(parents=True)
        options = {"rewriteRelativeImportExtensions": True, "moduleDetection": "force"}
        settings = {"extends": "../../../tsconfig.json", "compilerOptions": options, "include": ["*.ts"]}
        (folder / "tsconfig.json").write_text(json.dumps(settings))
    name = block.file.removesuffix(".ts") or f"line-{block.line}"
    (folder / f"{name}.ts").write_text(block.text)
    said(["node", str(CLIENT / "node_modules/typescript/bin/tsc"), "-p", str(folder)], folder, shell)
    if block.file:
        return "compiled"
    expected = re.findall(r"^ *console\.log\(.*\); // (.*)$", block.text, re.MULTILINE)
    compare(said(["node", f"{name}.js"], folder, shell), expected)
    return "run"


def run_rust(block: Block, shell: Shell) -> str:
    """Starts the program, which `taskway-pages` has compiled, as a worker, and gives it a task."""
    listed = programs_of_pages()
    assert block.at in listed.split(), f"build taskway-pages again: it has {listed}"
    if block.file:
        return "compiled"
    shell.serve(f"{PROGRAMS / 'taskway-pages'} {block.at}", r"^ready")
    try:
        handler = re.search(r'\.on\w*\("(\w+)"', block.text)[1]
        task = shell.stack.ended(shell.stack.submit(handler, {"user": 42}))
        assert task["state"] == "succeeded", task["error"]
        assert RESULTS[handler] in json.dumps(task["result"]), task["result"]
    finally:
        shell.stop()
    return "run"


def said(command: list[str], folder: Path, shell: Shell) -> str:
    environment = {**shell.environment, "PATH": os.environ["PATH"], "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compare(printed: str, expected: list[str]) -> None:
    lines = iter(printed.splitlines())
    for line in expected:
        assert line in lines, f"{line!r} is not among what it printed: {printed}"
