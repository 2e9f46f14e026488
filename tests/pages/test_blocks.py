"""Every block of code in every page is run, compiled or parsed, or has a reason in excused.py."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from typing import Any

import documents
import programs
import pytest
import shell
from conftest import Shells
from elsewhere import ELSEWHERE
from excused import EXCUSED
from pages import ROOT, Block, all_pages
from stack import Stack

BLOCKS = [block for page in all_pages() for block in page.blocks()]


def elsewhere(block: Block) -> bool:
    return any(block.page == page and language in {"*", block.language} for page, language, *_ in ELSEWHERE)


def excused(block: Block) -> bool:
    return block.first in EXCUSED.get(block.page, {})


def parse(block: Block) -> None:
    if block.language == "sh":
        shell.parse(block)
    elif block.language == "python":
        ast.parse(block.text)
    elif block.language == "javascript":
        checked = subprocess.run(["node", "--input-type=module", "--check"], input=block.text, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("block", BLOCKS, ids=[block.at for block in BLOCKS])
def test_block(block: Block, shells: Shells, running: Stack, functions: tuple[str, list[Any]], done: Counter[str]) -> None:
    if elsewhere(block):
        parse(block)
        what = "run by another test"
    elif excused(block):
        parse(block)
        what = "parsed and excused"
    else:
        what = check(block, shells, running, functions[1])
    done[what] += 1


def check(block: Block, shells: Shells, running: Stack, events: list[Any]) -> str:
    """Returns what was done with the block."""
    match block.language:
        case "sh":
            return shells.of(block.page).run(block)
        case "json":
            return documents.check_json(block, running, events)
        case "toml":
            documents.toml(block)
            return "parsed"
        case "python":
            return programs.run_python(block, shells.of(block.page))
        case "ts":
            return programs.run_typescript(block, shells.of(block.page))
        case "rust":
            return programs.run_rust(block, shells.of(block.page))
        case "text":
            return "text"
        case _:
            raise AssertionError(f"say what language the block is in, or teach {__file__} to check `{block.language}`")


def test_each_excuse_is_of_a_block() -> None:
    for page, entries in EXCUSED.items():
        for first, reason in entries.items():
            matching = [block.at for block in BLOCKS if (block.page, block.first) == (page, first)]
            assert matching, f"{page} has no block that begins with {first!r}"
            assert reason


def test_other_tests_read_these_pages() -> None:
    for page, language, test, _ in ELSEWHERE:
        assert any(block.page == page and language in {"*", block.language} for block in BLOCKS), page
        assert page.rpartition("/")[2] in (ROOT / test).read_text(), f"{test} does not read {page}"
