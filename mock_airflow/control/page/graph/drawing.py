"""The graph of a DAG as SVG. What it looks like is said by the classes of its parts, in the style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from mock_airflow.control.page.graph.layout import Box, Line, laid_out

_EDGE = 8.0  # what is free around it
_LETTERS = 20  # of a label that fits into a task's box
_LETTER = 7.2  # about how wide one is


class TaskLook(NamedTuple):
    """How a task is drawn: its label, a line below it, a class of the style sheet, what it says when pointed at."""

    label: str
    below: str = ""
    style: str = ""
    title: str = ""
    href: str = ""


def svg(downstream: Mapping[str, Sequence[str]], looks: Mapping[str, TaskLook], title: str) -> str:
    """The picture of a graph: of each task, by id, those that come right after it, and how it looks."""
    found = laid_out(downstream)
    width, height = found.width + 2 * _EDGE, found.height + 2 * _EDGE
    parts = [
        f'<svg class="graph" role="group" aria-label={quoteattr(title)} xmlns="http://www.w3.org/2000/svg"'
        f' width="{width:.0f}" height="{height:.0f}" viewBox="{-_EDGE:.0f} {-_EDGE:.0f} {width:.0f} {height:.0f}">',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="arrow" d="M0 0L8 4L0 8z"/></marker></defs>',
        *(_group(box) for box in found.groups),
        *(_line(line) for line in found.lines),
        *(_task(box, looks[box.id]) for box in found.tasks),
        "</svg>",
    ]
    return "".join(parts)


def _group(box: Box) -> str:
    label = box.id.rpartition(".")[2]
    letters = int(box.width / _LETTER) - 2
    return (
        f'<g class="task-group"><title>{escape(f"Task group {box.id}")}</title><rect {_place(box)} rx="8"/>'
        f'<text x="{box.x + 12:.1f}" y="{box.y + 18:.1f}">{escape(cut(label, letters))}</text></g>'
    )


def _task(box: Box, look: TaskLook) -> str:
    middle = box.x + box.width / 2
    second = f'<text class="below" x="{middle:.1f}" y="{box.y + 35:.1f}">{escape(cut(look.below, 24))}</text>'
    drawn = (
        f'<title>{escape(look.title or look.label)}</title><rect {_place(box)} rx="6"/>'
        f'<text x="{middle:.1f}" y="{box.y + (19 if look.below else 27):.1f}">'
        f"{escape(cut(look.label, _LETTERS))}</text>"
        f"{second if look.below else ''}"
    )
    if look.href:
        return f'<a class="task {look.style}" href={quoteattr(look.href)}>{drawn}</a>'
    return f'<g class="task {look.style}">{drawn}</g>'


def _place(box: Box) -> str:
    return f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'


def _line(line: Line) -> str:
    drawn = ""
    last: tuple[float, float] | None = None
    for (x, y), (to_x, to_y) in zip(line.points[::2], line.points[1::2], strict=True):
        if last is None:
            drawn = f"M{x:.1f} {y:.1f}"
        else:
            bend = (x + last[0]) / 2
            drawn += f"C{bend:.1f} {last[1]:.1f} {bend:.1f} {y:.1f} {x:.1f} {y:.1f}"
        drawn += f"H{to_x:.1f}" if to_y == y else f"L{to_x:.1f} {to_y:.1f}"
        last = to_x, to_y
    arrow = ' marker-end="url(#arrow)"' if line.arrives else ""
    return f'<path class="edge" d="{drawn}"{arrow}/>'


def cut(text: str, letters: int) -> str:
    """A text that has at most so many letters; the last is an ellipsis where some were left out."""
    return text if len(text) <= letters else f"{text[: max(letters - 1, 0)]}…"
