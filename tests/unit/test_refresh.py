"""``cchc refresh`` before any step runs: usage errors are one line and exit code 2; the lock is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.errors import BlockedError, CchcError, ConfigError, of_exit_code
from dagster_project.home import Home
from dagster_project.refresh import refresh
from dagster_project.settings import Settings


def test_an_empty_landing_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file that a source map reads"):
        refresh(Settings(home=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "kind"), [(1, BlockedError), (2, ConfigError), (3, CchcError), (7, CchcError)]
)
def test_exit_codes_come_back_as_the_errors_they_were(code: int, kind: type[CchcError]) -> None:
    error = of_exit_code(code, "why")
    assert type(error) is kind
    assert error.exit_code == (code if code in (1, 2, 3) else 3)


def test_a_second_run_leaves_with_one_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock(), pytest.raises(CchcError, match="another run holds this home"), home.lock():
        pass
    with home.lock():  # free again
        pass
