"""The Markdown files of the repository, and what is in them."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    file: str
    text: str

    @property
    def at(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def first(self) -> str:
        return self.text.partition("\n")[0].strip()


@dataclass(frozen=True)
class Page:
    path: str
    tokens: list[Token]

    def blocks(self) -> list[Block]:
        """The blocks of code. Their language is empty if they do not say it, as indented ones cannot."""
        found = []
        for token in self.tokens:
            if token.type in {"fence", "code_block"} and token.map:
                language, _, file = token.info.strip().partition(" ")
                found.append(Block(self.path, token.map[0] + 1, language, file, token.content))
        return found

    def headings(self) -> list[tuple[str, str]]:
        """The tag and the text of each heading."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return [(begin.tag, plain(inline)) for begin, inline in pairs if begin.type == "heading_open"]

    def anchors(self) -> set[str]:
        """The names by which a link reaches the headings, as GitHub makes them."""
        found: list[str] = []
        for _, text in self.headings():
            kept = (letter for letter in text.lower() if letter in "-_ " or unicodedata.category(letter)[0] in "LNM")
            name = "".join(kept).replace(" ", "-")
            again = sum(1 for other in found if re.fullmatch(rf"{re.escape(name)}(-\d+)?", other))
            found.append(f"{name}-{again}" if again else name)
        return set(found)

    def links(self) -> list[str]:
        """The targets of the links and images, in order."""
        inline = [child for token in self.tokens for child in token.children or []]
        targets = (token.attrGet("href") or token.attrGet("src") for token in inline)
        return [str(target) for target in targets if target]


def plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [] if child.type in {"text", "code_inline"})


def read(path: str) -> Page:
    parser = MarkdownIt("commonmark").enable("table")
    return Page(path, parser.parse((ROOT / path).read_text(encoding="utf-8")))


def all_pages() -> list[Page]:
    """Every Markdown file that is committed or about to be."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [read(path) for path in sorted(names.split("\0")) if path and (ROOT / path).is_file()]
