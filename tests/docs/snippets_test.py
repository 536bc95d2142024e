"""Every command and snippet of README.md, CONTRIBUTING.md and docs/ is run as a reader would run it.

A fenced block is run by its language, each in an empty folder:

- `bash` and `console` (lines after `$ `): must end with exit code 0, and every curl in it must be answered with 2xx.
  Of a block that ends with `mock-airflow serve ...`, that line must serve.
- `python`: with a `def test_` in it, by pytest; else as a script.
- `json`, `toml`, `ini`, `yaml`, `text` and `mermaid` are shown, not run. Any other language is refused, so that no
  block escapes by a misspelt name.

`http://127.0.0.1:8080` in a block stands for a server of the block's own, which holds the demo world; the variables
that `serve` suggests are set. A comment directly above the fence says otherwise:

    <!-- not executed: why -->           skipped, with the reason shown, here and on the site
    <!-- set-up: serve -->               one of the README's two set-up commands, which `.ci/readme-commands` runs
    <!-- server: --profile datacoves --> the server is started with these options
    <!-- answers: 401 403 -->            the statuses that curl must see, instead of 2xx
    <!-- file: orders.py -->             the block is a file of this name, for the blocks below it on the page too
    <!-- fails -->                       the tests in it, or the command, must fail
    <!-- warns -->                       a test in it may warn; else a warning is an error here
    <!-- output -->                      the lines are printed by the block above, in this order; ... is anything
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
import yaml

from mock_airflow.settings.address import SERVED_AT
from tests.docs.blocks import NOTES, PAGES, RUN, SHOWN, Block, all_blocks, blocks_of
from tests.docs.running import (
    WRITTEN_URL,
    load_what_blocks_import,
    run_script,
    run_shell,
    run_tests,
    served,
    write_files,
)

BLOCKS = all_blocks()


@pytest.fixture(scope="session")
def _loaded() -> None:
    load_what_blocks_import()


@pytest.fixture
def place(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, _loaded: None) -> Iterator[pytest.Pytester]:
    """An empty folder, and an environment without what pytest and its plugins put there."""
    for name in [name for name in os.environ if name.startswith(("PYTEST_", "MOCK_AIRFLOW_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.syspath_prepend(pytester.path)
    return pytester


@pytest.mark.parametrize("block", [pytest.param(block, id=block.name) for block in BLOCKS if block.language in RUN])
def test_block_works_as_written(block: Block, place: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    if "not executed" in block.notes:
        pytest.skip(f"not executed: {block.notes['not executed']}")
    if "set-up" in block.notes:
        pytest.skip(f".ci/readme-commands runs the set-up command {block.notes['set-up']!r}")
    write_files(block, place.path)
    if block.language != "python" and block.serving is not None:
        run_shell(block, "", place.path)
        with served(block.serving) as airflow:
            assert requests.get(f"{airflow.api_url}/health", headers=airflow.headers).status_code == 200
        return
    with ExitStack() as ended:
        url = SERVED_AT
        if WRITTEN_URL.search(block.text) or "server" in block.notes:
            airflow = ended.enter_context(served(block.notes.get("server", "")))
            url = airflow.url
            for name, value in airflow.env.items():
                monkeypatch.setenv(name, value)
        if block.language != "python":
            said = run_shell(block, url, place.path)
        elif block.is_test:
            said = run_tests(block, url, place)
        else:
            said = run_script(block, url, place.path)
    as_said = [".*".join(re.escape(part) for part in line.rstrip().split("...")) for line in block.output]
    pytest.LineMatcher(said.replace(url, SERVED_AT).splitlines()).re_match_lines(as_said)


def test_every_block_has_a_known_language_and_known_notes() -> None:
    assert [block.name for block in BLOCKS if block.language not in RUN | SHOWN] == []
    assert [(block.name, note) for block in BLOCKS for note in block.notes if note not in NOTES] == []
    assert [block.name for block in BLOCKS if block.notes.get("not executed") == ""] == [], "a reason is missing"
    assert [block.name for block in BLOCKS if block.notes.get("file") == ""] == [], "a name is missing"


@pytest.mark.parametrize(
    "block", [pytest.param(block, id=block.name) for block in BLOCKS if block.language in ("json", "toml", "yaml")]
)
def test_data_that_is_shown_can_be_read(block: Block) -> None:
    if block.language == "toml":
        pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML").loads(block.text)
    else:
        yaml.safe_load(block.text)  # JSON is YAML, too


def test_no_block_escapes_by_being_indented() -> None:
    for page in PAGES:
        shown = re.sub(r"^( *`{3,}).*?^\1$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        assert re.findall(r"\n\n {4,}\S.*", shown) == [], page


def test_readme_has_exactly_the_two_set_up_commands() -> None:
    found = [block.notes["set-up"] for block in BLOCKS if block.page == "README.md" and "set-up" in block.notes]

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

```{toctree}
x
```
"""


def test_blocks_are_found_with_their_notes() -> None:
    shell, console, python, serving = blocks_of("page.md", SAMPLE)

    assert (shell.name, shell.notes) == ("page.md:5-bash", {"not executed": "needs a\n     vendor's account"})
    assert console.notes == {"server": "--profile datacoves", "answers": "401"}
    assert console.commands == "curl http://127.0.0.1:8080/api/v1/dags\necho done"
    assert python.text == "def test_x():\n    assert True\n"
    assert [block.serving for block in (shell, console, python, serving)] == [None, None, None, "--port 8080"]


def test_a_comment_elsewhere_is_no_note() -> None:
    (block,) = blocks_of("page.md", "<!-- not executed: about another -->\n\n```bash\ntrue\n```\n")

    assert block.notes == {}


def test_files_and_output_belong_to_blocks_below_and_above() -> None:
    text = (
        "<!-- file: a.py -->\n```python\nA = 1\n```\n\n```python\nimport a\n\nprint(a.A)\n```\n\n"
        "<!-- output -->\n```text\n1\n```\n"
    )

    file, script, _ = blocks_of("page.md", text)

    assert (file.files, file.output) == ({}, [])
    assert (script.files, script.output) == ({"a.py": "A = 1\n"}, ["1"])
