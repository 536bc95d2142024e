"""The fenced blocks of the pages, and what the comments above them ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
RUN = {"bash", "console", "python"}
SHOWN = {"json", "toml", "ini", "yaml", "text", "mermaid"}
NOTES = {"not executed", "set-up", "server", "answers", "file", "fails", "warns", "output"}

_FENCE = re.compile(
    r"^(?P<notes>(?:[ \t]*<!--(?:(?!-->).)*-->[ \t]*\n)*)"
    r"(?P<indent>[ \t]*)(?P<ticks>`{3,})[ \t]*(?P<language>[\w-]*)(?P<more>[^\n`]*)\n"
    r"(?P<text>.*?)^[ \t]*(?P=ticks)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(kw_only=True)
class Block:
    """A fenced block, with the notes from the comments directly above it.

    ``files`` are the blocks above it on the page that are kept as files, and ``output`` what a block below shows of
    what it prints.
    """

    page: str
    line: int
    language: str
    text: str
    notes: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    output: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}-{self.language or 'plain'}"

    @property
    def commands(self) -> str:
        """What a shell is given: of a console block, the lines after the prompt."""
        if self.language != "console":
            return self.text
        return "\n".join(re.findall(r"^[$>] (.*)$", self.text, re.MULTILINE))

    @property
    def is_test(self) -> bool:
        return self.language == "python" and re.search(r"^\s*(async )?def test_", self.text, re.MULTILINE) is not None

    @property
    def serving(self) -> str | None:
        """The options of the block's last line, if that serves."""
        found = re.search(r"^mock-airflow serve([^|&\n]*)\Z", self.commands.strip(), re.MULTILINE)
        return found and found[1].strip()


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown text, but for directives of the site such as ```{toctree}."""
    files: dict[str, str] = {}
    latest: Block | None = None
    for match in _FENCE.finditer(text):
        if match["more"].startswith("{") and not match["language"]:
            continue
        notes = {}
        for comment in re.findall(r"<!--\s*(.*?)\s*-->", match["notes"], re.DOTALL):
            key, _, value = comment.partition(":")
            notes[key.strip()] = value.strip()
        lines = match["text"].splitlines()
        body = "\n".join(line.removeprefix(match["indent"]) for line in lines) + "\n"
        line = text.count("\n", 0, match.start("ticks")) + 1
        block = Block(page=page, line=line, language=match["language"], text=body, notes=notes, files=dict(files))
        if "output" in notes and latest is not None:
            latest.output += body.splitlines()
        if "file" in notes:
            files[notes["file"]] = body
        if block.language in RUN:
            latest = block
        yield block


def all_blocks() -> list[Block]:
    """The blocks of all pages."""
    return [
        block for page in PAGES for block in blocks_of(page.relative_to(CHECKOUT).as_posix(), page.read_text("utf-8"))
    ]
