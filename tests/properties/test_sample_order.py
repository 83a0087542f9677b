"""The sample's exports month by month, in any order, corrections first or last: the same state tables.

The registers of a month bring late corrections of the month before, the sync messages bring what changed;
both arrive here before, with and after what they correct.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from dagster_project.ingest.pseudonyms import KEY_FILE
from tests.conftest import Warehouse

# One worker makes the sample and the state to compare with once, for all tests.
pytestmark = [pytest.mark.xdist_group("sample_order"), pytest.mark.long]

SEED = 20231115
KEY = bytes(range(32))  # all homes share it: pseudonyms are part of the state
NOTES = ("sample.json", "truth.json")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing of a small sample as ``cchc sample`` writes it. Read only."""
    maker = Warehouse(tmp_path_factory.mktemp("order"))
    made = maker.run("sample", "--scale", "0.02")
    assert made.returncode == 0, made.stderr
    return maker.landing_folder


@pytest.fixture(scope="module")
def all_at_once(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Everything in one refresh: the state all other ways must give."""
    warehouse = with_key(Warehouse(tmp_path_factory.mktemp("once"), landing=written))
    warehouse.refresh(timeout=600)
    return warehouse


def with_key(warehouse: Warehouse) -> Warehouse:
    """The home with the key of all homes here, before anything is loaded."""
    secrets = warehouse.home / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / KEY_FILE).write_bytes(KEY)
    (secrets / KEY_FILE).chmod(0o600)
    return warehouse


def months(written: Path) -> list[str]:
    """Names of the monthly folders, oldest first."""
    found = sorted({folder.name for folder in written.glob("*/*/*") if folder.is_dir()})
    assert len(found) == 27
    return found


def deliver(written: Path, warehouse: Warehouse, names: Sequence[str]) -> None:
    """Put the monthly folders of all sources into landing, each in its place, with the sample's own notes."""
    for note in NOTES:
        shutil.copy(written / note, warehouse.landing_folder / note)
    for name in names:
        for folder in sorted(written.glob(f"*/*/{name}")):
            shutil.copytree(folder, warehouse.landing_folder / folder.relative_to(written))


def refresh_in_parts(
    written: Path, warehouse: Warehouse, parts: Sequence[Sequence[str]], publish_each: bool
) -> None:
    """One refresh per part. The gate may block one that lacks the organisation; the last must publish."""
    for part in parts[:-1]:
        deliver(written, warehouse, part)
        done = warehouse.run("refresh", *(() if publish_each else ("--no-publish",)), timeout=600)
        assert done.returncode in (0, 1), done.stdout + done.stderr
    deliver(written, warehouse, parts[-1])
    assert sum(map(len, parts)) == len(months(written))
    warehouse.refresh(timeout=600)


def assert_same_state(one: Warehouse, other: Warehouse) -> None:
    """Equal hashes of all state tables; the message names the tables that differ."""
    ours, theirs = (set(warehouse.state().splitlines()) for warehouse in (one, other))
    assert len(theirs) > 10
    assert sorted(ours ^ theirs) == []


def test_random_parts_the_newest_first(
    written: Path, all_at_once: Warehouse, new_home: Callable[..., Warehouse]
) -> None:
    """Three parts of months drawn at random; the part with the newest month comes first, its months mixed."""
    shuffled = random.Random(SEED).sample(months(written), 27)
    parts = sorted((shuffled[:9], shuffled[9:18], shuffled[18:]), key=max, reverse=True)
    assert months(written)[-1] in parts[0]
    assert all(min(part) < max(later) for part, later in pairwise(parts))
    warehouse = with_key(new_home())
    refresh_in_parts(written, warehouse, parts, publish_each=False)
    assert_same_state(warehouse, all_at_once)


def test_three_parts_in_their_order(
    written: Path, all_at_once: Warehouse, new_home: Callable[..., Warehouse]
) -> None:
    """As a department would live with it: the first fifteen months, the next six, the last six."""
    names = months(written)
    warehouse = with_key(new_home())
    refresh_in_parts(written, warehouse, (names[:15], names[15:21], names[21:]), publish_each=True)
    assert_same_state(warehouse, all_at_once)


def test_six_parts_in_random_order(
    written: Path, all_at_once: Warehouse, new_home: Callable[..., Warehouse]
) -> None:
    """Up to five months a part, drawn at random, so that corrections come before, with and after their rows."""
    shuffled = random.Random(1).sample(months(written), 27)
    warehouse = with_key(new_home())
    refresh_in_parts(
        written, warehouse, [shuffled[start : start + 5] for start in range(0, 27, 5)], publish_each=False
    )
    assert_same_state(warehouse, all_at_once)


def test_the_state_depends_on_the_corrections(
    written: Path, all_at_once: Warehouse, new_home: Callable[..., Warehouse]
) -> None:
    """The comparison is worth something: corrections do change rows that came before them."""
    changed = all_at_once.query(
        "select count(*) from (select _record_key from raw.dossiers where _source = 'land_one_stop'"
        " group by 1 having count(distinct unit_code) > 1 or count(distinct channel) > 1"
        " or count(distinct officer) > 1)",
        published=False,
    )
    assert changed[0][0] > 0
