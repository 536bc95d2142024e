"""Checks that every link inside the built site, and in README.md to a file of the checkout, leads somewhere.

python docs/check_links.py build/site
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

CHECKOUT = Path(__file__).resolve().parents[1]


class Page(HTMLParser):
    """What a page links to, and the anchors that it has."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element's id and where it leads."""
        for name, value in attrs:
            if value and name in ("href", "src"):
                self.links.add(value)
            elif value and name == "id":
                self.anchors.add(value)


@cache
def page(file: Path) -> Page:
    """The page in a file."""
    return Page(file)


def broken_in_site(site: Path) -> Iterator[str]:
    """What leads nowhere, a line each."""
    for file in sorted(site.rglob("*.html")):
        for link in sorted(page(file).links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.exists():
                yield f"{file.relative_to(site)}: {link}: there is no such file"
            elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in page(target).anchors:
                yield f"{file.relative_to(site)}: {link}: the page has no such anchor"


def broken_in_readme(site: Path) -> Iterator[str]:
    """The same of the README, which is no page of the site."""
    for link in re.findall(r"\]\(([^)\s]+)\)", (CHECKOUT / "README.md").read_text("utf-8")):
        parts = urlsplit(link)
        if not parts.scheme and parts.path and not (CHECKOUT / parts.path).exists():
            yield f"README.md: {link}: there is no such file"
        if parts.fragment and parts.path.startswith("docs/"):
            built = (site / parts.path.removeprefix("docs/")).with_suffix(".html")
            if parts.fragment not in page(built).anchors:
                yield f"README.md: {link}: the page has no such anchor"


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    found = [*broken_in_site(folder), *broken_in_readme(folder)]
    print("\n".join(found) or f"{len([*folder.rglob('*.html')])} pages, no link leads nowhere.")
    sys.exit(bool(found))
