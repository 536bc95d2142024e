"""The expressions of ``.airflowignore``, which are RE2's. What each finds was seen in google-re2."""

import pytest

from mock_airflow import MockAirflow
from mock_airflow.dag_files.parsing import re2
from tests.dag_files.asking import Asking

REFUSED = (
    *(r"a(?=b)", r"a(?!b)", r"(?<=a)b", r"(?<!a)b", r"(?>a)", r"(?#a)", r"(?x)a", r"(a)\1", r"(?P<n>a)(?P=n)"),
    *(r"a\Z", r"\8", r"\y", r"\é", "\\", r"\E", r"\p{Nope}", r"\pX", r"\x{110000}", "(?P<n>a)(?P<n>b)", "(?P<>a)"),
    *("a**", "a++", "a*+", "a{2}{3}", "*a", "a|*", "(?i)*", "a{1001}", "a{3,2}", "(a{100}){100}"),
    *("[", "[a", "[z-a]", r"[a-\d]", "[[:foo:]]", "(a", "a)", "(?a)b"),
)
FOUND = {
    r"a\z": ("a", "aa\n"),
    "a$": ("a", "a\n"),
    "(?m)a$": ("a\nb", "ab"),
    r"\pL": ("é", "1_"),
    r"\p{Greek}": ("Σ", "Latin"),
    r"\P{Lu}": ("a", "A"),
    r"\p{^Lu}": ("a", "A"),
    r"^\w+$": ("a_1", "é"),
    r"\d": ("1", "٣"),
    r"^\s$": (" ", "\x0b"),
    r"\bé": ("aé", "é"),
    "[[:alpha:]]": ("a", "é1"),
    "[[:^digit:]]": ("a", "1"),
    r"[\S]": ("a", " \n"),
    r"[^\D]": ("1", "a"),
    "(?i)[^a]": ("b", "aA"),
    "[]a]": ("]", "b"),
    r"\Qa.b\E.": ("a.bc", "axbc"),
    "a(?i)b|c": ("C", "AB"),
    "(?:(?i)a)b": ("Ab", "AB"),
    "(?s)a.b": ("a\nb", "ab"),
    "^*a": ("a", "b"),
    "{a}": ("{a}", "a"),
    "a{,2}": ("a{,2}", "aa"),
    r"(?U)a+?b": ("aab", "a"),
    r"(?<n>a)(?P<m>b)": ("ab", "ba"),
    r"\x41\101\x{e9}": ("AAé", "AA"),
    "[&&~~||]": ("&", "a"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_re2_does_not_know_is_refused(text):
    with pytest.raises(re2.Unknown):
        re2.compiled(text)


@pytest.mark.parametrize("text", FOUND)
def test_what_re2_finds_is_found(text):
    found, other = FOUND[text]
    assert (bool(re2.compiled(text).search(found)), bool(re2.compiled(text).search(other))) == (True, False)


def test_a_line_that_re2_does_not_know_is_passed_over(folder):
    for name in ("keep", "skip", "été"):
        folder(f"{name}.py", f"from airflow import DAG\nd = DAG({name!r}, schedule=None)\n")
    folder(".airflowignore", "keep(?!x)\nkeep\\.py\\Z\nskip\\.py\\z\n^[^[:ascii:]]\\pL+\\.py$\n")
    with MockAirflow(dags_folder=folder.path) as airflow:
        assert Asking(airflow).dag_ids() == ["keep"]
