"""What the site has beyond Markdown: pages made from the code when it is built, and the notes above code blocks.

Directives: ``settings-table``, ``server-options``, ``command-line``, ``control-api`` and ``pytest-fixtures``. Each
writes Markdown, which is then read like the rest of the page.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective


class MadeFromCode(SphinxDirective):
    """A directive whose content is Markdown that the code tells."""

    has_content = False

    def lines(self) -> Iterator[str]:
        """The Markdown."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Read it at this place."""
        return self.parse_text_to_nodes("\n".join(self.lines()), allow_section_headings=True)


# ------------------------------------------------------------------------------------------------------------ settings


class SettingsTable(MadeFromCode):
    """The settings, group by group."""

    def lines(self) -> Iterator[str]:
        """A section a group, with a table."""
        from mock_airflow.settings import Settings
        from mock_airflow.settings.dag_files import DagFolderSettings
        from mock_airflow.settings.record import profile_of

        groups: dict[str, list[Any]] = {"General": [], "DAG files": []}
        for field in fields(Settings):
            dag_files = field.name in DagFolderSettings.__annotations__
            groups.setdefault(profile_of(field.name) or ("DAG files" if dag_files else "General"), []).append(field)
        for name, members in groups.items():
            yield from (f"## {name}", "", "| setting | default | meaning |", "|---|---|---|")
            yield from (f"| `{field.name}` | {_default(field.default)} | {_cell(_told(field))} |" for field in members)
            yield ""


class ServerOptions(MadeFromCode):
    """The options of ``serve`` that are no settings."""

    def lines(self) -> Iterator[str]:
        """A table."""
        from mock_airflow.cli.serving.listening import Listening

        yield from ("| option | default | meaning |", "|---|---|---|")
        for field in fields(Listening):
            yield f"| `--{field.name.replace('_', '-')}` | {_default(field.default)} | {_cell(_told(field))} |"
        yield ""


def _told(field: Any) -> str:
    text = str(field.metadata["help"])
    return f"{text[:1].upper()}{text[1:]}."


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return "" if value in (None, "") else f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


# -------------------------------------------------------------------------------------------------------- command line


class CommandLine(MadeFromCode):
    """What each verb's ``--help`` says."""

    def lines(self) -> Iterator[str]:
        """A section a verb, with a block for it and for each verb below it."""
        yield from ("```text", _help(), "```", "")
        for verb in _verbs(_help()):
            told = _help(verb)
            yield from (f"## mock-airflow {verb}", "", "```text", told, "```", "")
            for below in _verbs(told) if "VERB" in told.partition("\n")[0] else ():
                yield from (f"### mock-airflow {verb} {below}", "", "```text", _help(verb, below), "```", "")


def _help(*verbs: str) -> str:
    from mock_airflow.cli import main

    said, before = io.StringIO(), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "96"
    try:
        with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
            main([*verbs, "--help"])
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
    return said.getvalue().strip()


def _verbs(text: str) -> list[str]:
    return re.findall(r"^  ([a-z]+) {2,}\S", text, re.MULTILINE)


# --------------------------------------------------------------------------------------------------------- control API


class ControlApi(MadeFromCode):
    """The operations of the control API, from its own OpenAPI document."""

    def lines(self) -> Iterator[str]:
        """A section a tag, an entry an operation."""
        from werkzeug.test import Client

        from mock_airflow import MockAirflow

        document = Client(MockAirflow().deployment.wsgi).get("/__mock__/openapi.json").get_json()
        schemas = document["components"].get("schemas", {})
        nouns: dict[str, list[str]] = {}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                lines = nouns.setdefault(path.split("/")[1], [])
                lines.extend(_operation(method.upper(), path, operation, schemas))
        for noun, lines in nouns.items():
            yield from (f"## {noun.capitalize()}", "", *lines)


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    yield from (f"### `{method} /__mock__{path}`", "", f"{operation['summary']}.", "")
    query = [each for each in operation.get("parameters", ()) if each.get("in") == "query"]
    body = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {}).get("schema", {})
    answer = next((each for status, each in operation["responses"].items() if status.startswith("2")), {})
    told = next(iter(answer.get("content", {}).values()), {}).get("schema", {})
    for title, parts in (
        ("Query", {each["name"]: {**each.get("schema", {}), **each} for each in query}),
        ("Body", _properties(body, schemas)),
        ("Answer", _properties(told, schemas)),
    ):
        if parts:
            yield f"- {title}: {', '.join(_part(name, part) for name, part in parts.items())}."
    yield ""


def _part(name: str, part: dict[str, Any]) -> str:
    told = _type(part)
    if part.get("description"):
        told += f"; {part['description'].rstrip('.')}"
    return f"`{name}` ({told})" if told else f"`{name}`"


def _properties(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(schema, schemas)
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found |= _properties(part, schemas)
    return {name: _resolved(part, schemas) for name, part in found.items()}


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return schemas.get(name, schema)


def _type(part: dict[str, Any]) -> str:
    told = part.get("type", "")
    if isinstance(told, list):
        told = " or ".join(told)
    return f"{told} or null" if part.get("nullable") else str(told)


# ------------------------------------------------------------------------------------------------------------ fixtures


class PytestFixtures(MadeFromCode):
    """The plugin's fixtures, from its source: name, scope, what they give, docstring."""

    def lines(self) -> Iterator[str]:
        """A part a fixture."""
        import pytest_mock_airflow.plugin as plugin

        with open(str(plugin.__file__), encoding="utf-8") as source:
            tree = ast.parse(source.read())
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and (mark := _fixture_mark(function)) is not None:
                scopes = [ast.literal_eval(each.value) for each in mark.keywords if each.arg == "scope"]
                scope = scopes[0] if scopes else "test"
                gives = ast.unparse(function.returns) if function.returns is not None else ""
                gives = re.sub(r"\A(?:Iterator|Generator|AsyncIterator)\[(.*?)(?:, None, None)?\]\Z", r"\1", gives)
                yield from (f"### {function.name}", "", f"Gives `{gives}`, for each {scope}.", "")
                yield from ((ast.get_docstring(function) or "").replace("``", "`"), "")


def _fixture_mark(function: ast.FunctionDef) -> ast.Call | None:
    for mark in function.decorator_list:
        call = mark if isinstance(mark, ast.Call) else ast.Call(func=mark, args=[], keywords=[])
        if ast.unparse(call.func) == "pytest.fixture":
            return call
    return None


# -------------------------------------------------------------------------------------------------------- code blocks


class NotesOfBlocks(SphinxTransform):
    """The comments above a code block, which tell the tests how to run it, as a reader needs them.

    ``<!-- file: x.py -->`` becomes the block's caption, ``<!-- not executed: why -->`` a line below it; all are left
    out of the page.
    """

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Change the document."""
        for number, block in enumerate(list(self.document.findall(nodes.literal_block)), 1):
            notes = dict(self._notes_above(block))
            if why := notes.get("not executed"):
                block.parent.insert(
                    block.parent.index(block) + 1,
                    nodes.paragraph("", "", nodes.Text(f"Not run by the tests: {why}."), classes=["not-run"]),
                )
            if name := notes.get("file"):
                captioned = nodes.container("", literal_block=True, classes=["literal-block-wrapper"])
                captioned["ids"].append(f"block-{number}")  # Sphinx counts such blocks by their ids
                block.replace_self(captioned)
                captioned += nodes.caption(name, "", nodes.literal(name, name))
                captioned += block

    def _notes_above(self, block: nodes.literal_block) -> Iterator[tuple[str, str]]:
        while True:
            index = block.parent.index(block)
            above = block.parent[index - 1] if index else None
            if not isinstance(above, nodes.raw) or not above.astext().lstrip().startswith("<!--"):
                return
            for note in re.findall(r"<!--\s*(.*?)\s*-->", above.astext(), re.DOTALL):
                name, _, value = note.partition(":")
                yield name.strip(), " ".join(value.split())
            block.parent.remove(above)


def hide_constructor(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returns: str | None
) -> tuple[str, None] | None:
    """Have only ``MockAirflow`` show how it is made; all else is handed out by it."""
    made_by_users = what != "class" or name == "mock_airflow.MockAirflow"
    return None if made_by_users else ("", None)


def show_examples(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Have an indented piece of a docstring, which is an example, shown as code; and nothing be made up."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()
    shown: list[str] = []
    for line in lines:
        begins = line.startswith("    ") and (not shown or not shown[-1].strip())
        inside = next((each.startswith((" ", "..")) for each in reversed(shown) if each.strip()), False)
        if begins and not inside:
            language = "text" if "├" in line or "MockAirflowError" in line else "python"
            shown += [f".. code-block:: {language}", ""]
        shown.append(line)
    lines[:] = shown


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("settings-table", SettingsTable)
    app.add_directive("server-options", ServerOptions)
    app.add_directive("command-line", CommandLine)
    app.add_directive("control-api", ControlApi)
    app.add_directive("pytest-fixtures", PytestFixtures)
    app.add_transform(NotesOfBlocks)
    app.connect("autodoc-process-signature", hide_constructor)
    app.connect("autodoc-process-docstring", show_examples)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
