"""docs/review_rules.md is what the rules say of themselves."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from mock_airflow.review.advice import RULES


def test_page_is_up_to_date_and_has_an_anchor_for_each_rule(checkout: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_review_page", checkout / "docs" / "make_review_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.PAGE.read_text("utf-8")

    assert text == module.page(), "run: python docs/make_review_page.py"
    assert [f"review_rules.md#{name}" for name in re.findall(r"^### (\S+)$", text, re.MULTILINE)] == [
        rule.link for rule in sorted(RULES.values(), key=lambda rule: text.index(f"### {rule.id}\n"))
    ]
