"""What the department's systems export: the world of the sample as files, month by month.

``as_known`` says what a register shows at a moment, ``text`` and ``files`` make cells and bytes, the other
modules are one family of systems each. ``all_exports`` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dagster_project.sample.exports.correspondence import write_correspondence
from dagster_project.sample.exports.distortions import sync_plan
from dagster_project.sample.exports.monthly import write_petitions, write_results, write_reviews
from dagster_project.sample.exports.one_stop import write_one_stop
from dagster_project.sample.exports.reference import write_reference
from dagster_project.sample.exports.sync import write_sync
from dagster_project.sample.world import World


@dataclass(frozen=True)
class Export:
    """A family of systems: what progress calls it, and what writes its files below a folder, one by one."""

    title: str
    write: Callable[[Path], Iterator[Path]]


def all_exports(world: World) -> list[Export]:
    """Every export of a world."""
    plan = sync_plan(world)
    return [
        Export("one-stop registers", lambda folder: write_one_stop(plan.registers, folder)),
        Export("sync messages", lambda folder: write_sync(plan, folder)),
        Export("correspondence", lambda folder: write_correspondence(world, folder)),
        Export("result store", lambda folder: write_results(world, folder)),
        Export("petitions", lambda folder: write_petitions(world, folder)),
        Export("reviews", lambda folder: write_reviews(world, folder)),
        Export("organisation and catalogue", lambda folder: write_reference(world, folder)),
    ]
