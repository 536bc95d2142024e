"""Every command and snippet of README.md, CONTRIBUTING.md and docs/ is run as a reader would run it.

A fenced block is run by its language, each in an empty folder and against a server of its own state:

- `bash` and `console` (lines after `$ `): must end with exit code 0, and every curl in it must be answered with 2xx.
  A block that ends with `mock-airflow serve ...` must serve, and end on Ctrl-C.
- `python`: with a `def test_` in it, by pytest; else as a script.
- `json`, `toml`, `ini`, `yaml`, `text` and `mermaid` are shown, not run. Any other language is refused, so that no
  block escapes by a misspelt name.

`http://127.0.0.1:8080` in a block stands for the server, which holds the demo world and is reset before each block; the
variables that the server suggests (`env` of its ready file) are set. A comment directly above the fence says otherwise:

    <!-- not executed: why -->           skipped, with the reason shown
    <!-- set-up: serve -->               one of the README's two set-up commands, which `.ci/readme-commands` runs
    <!-- server: --profile datacoves --> the server is started with these options
    <!-- answers: 401 403 -->            the statuses that curl must see, instead of 2xx
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
RUN = {"bash", "console", "python"}
SHOWN = {"json", "toml", "ini", "yaml", "text", "mermaid"}
NOTES = {"not executed", "set-up", "server", "answers"}
WRITTEN_URL = re.compile(r"http://(?:127\.0\.0\.1|localhost):8080")
PATIENCE = 120.0

# Put before each shell block: curl is quiet, and says on stderr which status it saw.
CURL = r"""curl() { command curl --silent --show-error "$@" --write-out '%{stderr}curl saw %{http_code}\n'; }"""


@dataclass(frozen=True)
class Block:
    """A fenced block, with the notes from the comments directly above it."""

    file: str
    line: int
    language: str
    text: str
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}-{self.language or 'plain'}"

    @property
    def commands(self) -> str:
        """What a shell is given: of a console block, the lines after the prompt."""
        if self.language != "console":
            return self.text
        return "\n".join(re.findall(r"^[$>] (.*)$", self.text, re.MULTILINE))

    @property
    def serves(self) -> bool:
        return re.search(r"mock-airflow serve[^|&\n]*\s*\Z", self.commands) is not None


def blocks_of(file: str, text: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown text."""
    fence = re.compile(
        r"^(?P<notes>(?:[ \t]*<!--(?:(?!-->).)*-->[ \t]*\n)*)"
        r"(?P<indent>[ \t]*)(?P<ticks>`{3,})[ \t]*(?P<language>[\w-]*)[^\n`]*\n"
        r"(?P<text>.*?)^[ \t]*(?P=ticks)[ \t]*$",
        re.DOTALL | re.MULTILINE,
    )
    for match in fence.finditer(text):
        notes = {}
        for comment in re.findall(r"<!--\s*(.*?)\s*-->", match["notes"], re.DOTALL):
            key, _, value = comment.partition(":")
            notes[key.strip()] = value.strip()
        lines = match["text"].splitlines()
        body = "\n".join(line.removeprefix(match["indent"]) for line in lines) + "\n"
        yield Block(file, text.count("\n", 0, match.start("ticks")) + 1, match["language"], body, notes)


def all_blocks() -> list[Block]:
    """The blocks of README.md, CONTRIBUTING.md and every page in docs/."""
    pages = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
    return [
        block
        for page in pages
        if page.is_file()
        for block in blocks_of(page.relative_to(CHECKOUT).as_posix(), page.read_text("utf-8"))
    ]


BLOCKS = all_blocks()


def environment(**more: str) -> dict[str, str]:
    """This one's environment with our commands first on the path, less what pytest and its plugins put there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MOCK_AIRFLOW_"))}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"} | more


@contextmanager
def served(command: list[str], folder: Path, **more: str) -> Iterator[dict[str, Any]]:
    """Run a command that serves; gives what its ready file says; ends it with Ctrl-C, which must work."""
    ready = folder / "ready.json"
    log = (folder / "serve.log").open("w+b")
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(MOCK_AIRFLOW_PORT="0", MOCK_AIRFLOW_READY_FILE=str(ready), **more),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )

    def said() -> str:
        log.seek(0)
        return log.read().decode("utf-8", "replace")

    try:
        deadline = time.monotonic() + 30
        while not (ready.exists() and ready.stat().st_size):
            assert process.poll() is None, f"{command} ended with exit code {process.returncode}:\n{said()}"
            assert time.monotonic() < deadline, f"{command} was not ready after 30 seconds:\n{said()}"
            time.sleep(0.01)
        yield json.loads(ready.read_text("utf-8"))
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=10) in (0, 130), said()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Gives a server for some options: one process for equal options, its state reset at each call."""
    running: dict[str, tuple[dict[str, Any], Any]] = {}

    def get(options: str) -> dict[str, Any]:
        if options not in running:
            command = [str(Path(sys.executable).with_name("mock-airflow")), "serve", *shlex.split(options)]
            context = served(command, tmp_path_factory.mktemp("server"))
            running[options] = (context.__enter__(), context)
        told = running[options][0]
        reset = urllib.request.Request(told["url"] + "/__mock__/reset", data=b"", method="POST")
        with urllib.request.urlopen(reset, timeout=10):
            return told

    yield get
    for _, context in running.values():
        context.__exit__(None, None, None)


def run_shell(block: Block, url: str, variables: dict[str, str], folder: Path) -> None:
    """Run a shell block: exit code 0, and every curl answered as it should be."""
    asks = re.search(r"\bcurl ", block.commands) is not None
    if asks and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = f"{CURL}\n{WRITTEN_URL.sub(url, block.commands)}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    said = f"{block.name}\n{block.commands}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, said
    statuses = re.findall(r"^curl saw (\d+)$", done.stderr, re.MULTILINE)
    assert statuses or not asks, said
    wanted = block.notes.get("answers", "").split()
    assert [status for status in statuses if (status not in wanted if wanted else status[0] != "2")] == [], said


def run_serving(block: Block, folder: Path) -> None:
    """Run a block that serves: it answers, and Ctrl-C ends it."""
    commands = re.sub(r"--port[= ]\d+", "--port 0", block.commands)
    with served(["bash", "-euo", "pipefail", "-c", commands], folder) as told:
        request = urllib.request.Request(told["api_url"] + "/health", headers=told["headers"])
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


def run_python(block: Block, url: str, variables: dict[str, str], folder: Path) -> None:
    """Run a Python block: by pytest where it holds a test, else as a script."""
    is_test = re.search(r"^\s*(async )?def test_", block.text, re.MULTILINE)
    file = folder / ("example_test.py" if is_test else "example.py")
    file.write_text(WRITTEN_URL.sub(url, block.text), "utf-8")
    by = ["-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--rootdir", "."] if is_test else []
    done = subprocess.run(
        [sys.executable, *by, file.name],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{block.name}\n{block.text}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("block", [pytest.param(block, id=block.name) for block in BLOCKS if block.language in RUN])
def test_block_works_as_written(block: Block, server: Callable[[str], dict[str, Any]], tmp_path: Path) -> None:
    if "not executed" in block.notes:
        pytest.skip(f"not executed: {block.notes['not executed']}")
    if "set-up" in block.notes:
        pytest.skip(f".ci/readme-commands runs the set-up command {block.notes['set-up']!r}")
    if block.language != "python" and block.serves:
        run_serving(block, tmp_path)
        return
    url, variables = "http://127.0.0.1:8080", {}
    if WRITTEN_URL.search(block.text) or "server" in block.notes:
        told = server(block.notes.get("server", ""))
        url, variables = told["url"], told["env"]
    if block.language == "python":
        run_python(block, url, variables, tmp_path)
    else:
        run_shell(block, url, variables, tmp_path)


def test_every_block_has_a_known_language_and_known_notes() -> None:
    assert [block.name for block in BLOCKS if block.language not in RUN | SHOWN] == []
    assert [(block.name, note) for block in BLOCKS for note in block.notes if note not in NOTES] == []
    assert [block.name for block in BLOCKS if block.notes.get("not executed") == ""] == [], "a reason is missing"


@pytest.mark.skipif(not (CHECKOUT / "README.md").exists(), reason="there is no README.md yet")
def test_readme_has_exactly_the_two_set_up_commands() -> None:
    found = [block.notes["set-up"] for block in BLOCKS if block.file == "README.md" and "set-up" in block.notes]

    assert found == ["serve", "test"]


SAMPLE = """\
Intro with `inline` ticks.

<!-- not executed: needs a
     vendor's account -->
```bash
curl https://example.com
```

<!-- server: --profile datacoves -->
<!-- answers: 401 -->
```console
$ curl http://127.0.0.1:8080/api/v1/dags
{"status": 401}
$ echo done
```

- in a list:

  ```python title="x.py"
  def test_x():
      assert True
  ```

```bash
mock-airflow serve --port 8080
```
"""


def test_blocks_are_found_with_their_notes() -> None:
    shell, console, python, serving = blocks_of("page.md", SAMPLE)

    assert (shell.name, shell.notes) == ("page.md:5-bash", {"not executed": "needs a\n     vendor's account"})
    assert console.notes == {"server": "--profile datacoves", "answers": "401"}
    assert console.commands == "curl http://127.0.0.1:8080/api/v1/dags\necho done"
    assert python.text == "def test_x():\n    assert True\n"
    assert [block.serves for block in (shell, console, python, serving)] == [False, False, False, True]


def test_a_comment_elsewhere_is_no_note() -> None:
    (block,) = blocks_of("page.md", "<!-- not executed: about another -->\n\n```bash\ntrue\n```\n")

    assert block.notes == {}
