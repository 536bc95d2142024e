"""Values that no deployment could live with are refused as settings."""

from __future__ import annotations

import pytest

from mock_airflow.errors import SettingError
from mock_airflow.settings import Settings


@pytest.mark.parametrize("name", ["journal_size", "concurrency", "maximum_page_limit", "seed", "fallback_page_limit"])
def test_a_number_beyond_all_counting_is_no_setting(name: str) -> None:
    with pytest.raises(SettingError, match=f"cannot be used for the setting '{name}'"):
        Settings.of(**{name: 10**30})


@pytest.mark.parametrize("value", ["X-A\r\nX-B: 1", "X-A\n", "X-\x00A", "X-\u20ac"])
@pytest.mark.parametrize("name", ["access_control_allow_headers", "access_control_allow_methods"])
def test_what_becomes_a_header_is_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingError, match="one line of ASCII"):
        Settings.of(**{name: value})
    with pytest.raises(SettingError, match="one line of ASCII"):
        Settings.of(access_control_allow_origins=["https://a.example", value])
