"""README.zh-CN.md keeps in step with README.md: the same headings, blocks of code, links and figures, in the same order."""

import re
from collections.abc import Callable

import pytest
from pages import ROOT, Page, read

ENGLISH, CHINESE = "README.md", "README.zh-CN.md"


def headings(page: Page) -> list[str]:
    return [tag for tag, _ in page.headings()]


def blocks(page: Page) -> list[tuple[str, str, str]]:
    return [(block.language, block.file, block.text) for block in page.blocks()]


def links(page: Page) -> list[str]:
    """A sentence may have another order in Chinese. The link to the other language is left out."""
    return sorted(link for link in page.links() if link not in {ENGLISH, CHINESE})


def in_code(page: Page) -> set[str]:
    """What stands in backticks: names, values and commands, which have no translation."""
    inline = (child for token in page.tokens for child in token.children or [])
    return {child.content for child in inline if child.type == "code_inline"}


def figures(page: Page) -> list[str]:
    """The numbers in the prose, wherever they stand in a sentence."""
    inline = (child for token in page.tokens for child in token.children or [])
    return sorted(figure for child in inline if child.type == "text" for figure in re.findall(r"\d[\d.,]*\d|\d", child.content))


def shape(page: Page) -> list[str]:
    """Paragraphs, lists and their items, tables, in order."""
    return [token.type for token in page.tokens if token.nesting == 1]


@pytest.mark.parametrize("part", [headings, blocks, links, in_code, figures, shape], ids=lambda part: part.__name__)
def test_both_have_the_same(part: Callable[[Page], object]) -> None:
    assert part(read(CHINESE)) == part(read(ENGLISH))


def test_each_links_to_the_other() -> None:
    assert CHINESE in read(ENGLISH).links()
    assert ENGLISH in read(CHINESE).links()


def test_the_readme_is_short() -> None:
    assert len((ROOT / ENGLISH).read_text().splitlines()) <= 130
