"""Some seconds of what `python -m benchmarks.console` does for ten minutes."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "console.py"


def test_a_page_that_is_left_open_does_not_grow(browser, deploy) -> None:
    spec = spec_from_file_location("console_benchmark", _BENCHMARK)  # the package that is tested is the installed one
    assert spec is not None
    assert spec.loader is not None
    benchmark = module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    page = browser.new_page()
    try:
        assert benchmark.follow(deploy(journal_size=5000), page, seconds=5, rate=100) == []
    finally:
        page.close()
