"""Every link from a page to a file of the repository, or to a heading, leads somewhere. Other sites are not asked."""

from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import pytest
from pages import ROOT, Page, all_pages, read

PAGES = all_pages()


def faults(page: Page) -> list[str]:
    found = []
    for link in page.links():
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        folder = PurePosixPath(page.path).parent
        path = normpath(str(folder / unquote(parts.path))) if parts.path else page.path
        if not (ROOT / path).exists():
            found.append(f"{link}: there is no {path}")
        elif parts.fragment and path.endswith(".md") and unquote(parts.fragment) not in read(path).anchors():
            found.append(f"{link}: {path} has no such heading")
    return found


@pytest.mark.parametrize("page", PAGES, ids=[page.path for page in PAGES])
def test_links_lead_somewhere(page: Page) -> None:
    assert faults(page) == []


def test_pages_with_links_are_found() -> None:
    assert sum(len(page.links()) for page in PAGES) > 100
