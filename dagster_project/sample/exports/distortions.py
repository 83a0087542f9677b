"""What the sync to the national portal bends on its way, and which dossiers it hits: the planted findings.

Vendors' programs do all of this before sending; a warehouse that took the messages for the truth would count
waiting dossiers as done. Shares are of the dossiers to which it can happen (assumed).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.exports.as_known import MOMENTS, Registers, extract_of, extracts, posting_on
from dagster_project.sample.randomness import stream
from dagster_project.sample.world import World

SHARES = {
    "sync_status_rewritten": 0.6,
    "sync_officer_unknown": 0.05,
    "sync_result_is_input": 0.5,
    "sync_made_up_component": 0.08,
    "sync_submitted_is_received": 0.3,
    "sync_other_code": 0.6,
}
"""Finding → share of the dossiers to which it can happen."""

SENT_AS_DONE = ("5", "6", "8")
"""Statuses that the sync turns into 9: waiting for a supplement, for taxes, stopped."""

Flags = npt.NDArray[np.bool_]


class SyncPlan:
    """Which dossiers the sync sends, what it says of their progress, and which of them it distorts."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        self._world = registers.world
        rng = stream(self._world.options, "exports/sync")
        count = len(self._world.dossiers)
        self._draws = {finding: rng.random(count) < share for finding, share in SHARES.items()}
        self.random_codes = rng.integers(10_000, 100_000, count)

    @cached_property
    def is_sent(self) -> Flags:
        """Dossiers that are sent at all: synced ones, once they are accepted."""
        dossiers = self._world.dossiers
        received = dossiers["received_at"].to_numpy()
        sent: Flags = dossiers["is_synced"].to_numpy(bool) & ~np.isnat(received)
        return sent & (extract_of(received) < len(MOMENTS))

    def messages(self, extract_no: int) -> pd.DataFrame:
        """The dossiers that are sent in an extract, in the state then known; wrong first entries are not."""
        frame = self.registers.dossiers(extract_no, corrected=True)
        is_here = self.is_sent[frame["dossier_no"].to_numpy()] & frame["received_at"].notna().to_numpy()
        return frame[is_here].reset_index(drop=True)

    @cached_property
    def progress(self) -> pd.DataFrame:
        """Every progress row: dossier_no, at, status_code, step_name, officer_no, extract_no, in that order.

        Sent are acceptance, each supplement and tax notice, the end, and the return of a result.
        """
        dossiers, world = self._world.dossiers, self._world
        ends = {
            "done": ("9", "Hoàn thành xử lý"),
            "refused": ("3", "Từ chối giải quyết"),
            "withdrawn": ("7", "Công dân rút hồ sơ"),
            "stopped": ("8", "Dừng xử lý hồ sơ"),
        }
        after = world.supplements[(world.supplements["phase"] == "after_acceptance").to_numpy()]
        tax = world.pauses[(world.pauses["reason"] == "tax").to_numpy()]
        parts = [
            self._part(dossiers, "received_at", "2", "Tiếp nhận hồ sơ"),
            self._part(after, "requested_at", "5", "Yêu cầu bổ sung giấy tờ"),
            self._part(tax, "paused_at", "6", "Yêu cầu thực hiện nghĩa vụ tài chính"),
            self._part(self._of_outcome("done"), "returned_at", "10", "Trả kết quả"),
        ]
        parts += [
            self._part(self._of_outcome(outcome), "finished_at", *words) for outcome, words in ends.items()
        ]
        frame = pd.concat(parts, ignore_index=True)
        frame["extract_no"] = extract_of(frame["at"])
        frame = frame[self.is_sent[frame["dossier_no"].to_numpy()] & (frame["extract_no"] < len(MOMENTS))]
        frame["officer_no"] = posting_on(self._world, frame["officer_no"], frame["at"])
        frame = frame.drop_duplicates(["dossier_no", "at", "status_code"])
        order = ["extract_no", "at", "dossier_no", "status_code"]
        return frame.sort_values(order, kind="stable", ignore_index=True)

    def _of_outcome(self, outcome: str) -> pd.DataFrame:
        dossiers = self._world.dossiers
        return dossiers[(dossiers["outcome"] == outcome).to_numpy()]

    def _part(self, rows: pd.DataFrame, moment: str, status_code: str, step_name: str) -> pd.DataFrame:
        numbers = rows["dossier_no"].to_numpy()
        responsible = self._world.dossiers["officer_no"].to_numpy()[numbers]
        officer = rows["officer_no"].to_numpy() if "officer_no" in rows else responsible
        return pd.DataFrame(
            {
                "dossier_no": numbers,
                "at": rows[moment].to_numpy(),
                "status_code": status_code,
                "step_name": step_name,
                "officer_no": np.where(officer < 0, responsible, officer),
            }
        )

    # -------------------------------------------------------------------------------- who is hit

    @cached_property
    def hit(self) -> dict[str, Flags]:
        """Finding → flag per dossier: may be distorted that way and is drawn."""
        dossiers, components = self._world.dossiers, self._world.components
        count = len(dossiers)
        is_result = components["is_result"].to_numpy(bool)
        inputs = np.bincount(components["dossier_no"].to_numpy()[~is_result], minlength=count) > 0
        results = np.bincount(components["dossier_no"].to_numpy()[is_result], minlength=count) > 0
        is_done = (dossiers["outcome"] == "done").to_numpy()
        is_later = (dossiers["received_at"] > dossiers["submitted_at"]).to_numpy()
        possible = {
            "sync_status_rewritten": self._is_sent_waiting,
            "sync_officer_unknown": np.ones(count, bool),
            "sync_result_is_input": is_done & inputs & ~results,
            "sync_made_up_component": inputs,
            "sync_submitted_is_received": is_later,
            "sync_other_code": dossiers["other_code"].notna().to_numpy(),
        }
        return {finding: self._draws[finding] & self.is_sent & flags for finding, flags in possible.items()}

    @cached_property
    def _is_sent_waiting(self) -> Flags:
        """Sent at least once while waiting for a supplement or for taxes, or as stopped."""
        result = np.zeros(len(self._world.dossiers), bool)
        for extract_no in extracts(self._world):
            numbers, status = self.registers.statuses(extract_no)
            result[numbers[np.isin(status, SENT_AS_DONE)]] = True
        return result & self.is_sent


_plans: list[tuple[World, SyncPlan]] = []


def sync_plan(world: World) -> SyncPlan:
    """The plan of a world; the last one asked for is kept, as exports and truth ask in turn."""
    if not _plans or _plans[0][0] is not world:
        _plans[:] = [(world, SyncPlan(Registers(world)))]
    return _plans[0][1]


def sync_distortions(world: World) -> pd.DataFrame:
    """The planted findings of the sync: dossier_no, finding_code; one row per dossier and finding."""
    hit = sync_plan(world).hit
    parts = [
        pd.DataFrame({"dossier_no": np.flatnonzero(flags), "finding_code": finding})
        for finding, flags in hit.items()
    ]
    return pd.concat(parts, ignore_index=True)


def extra_rows(world: World) -> dict[str, int]:
    """How many rows per record kind the warehouse holds beyond the tables of the world (may be negative).

    Progress rows of the sync have no step number and so a key of their own; an input file sent as result
    stands beside itself as input; files of dossiers that are never sent reach nobody.
    """
    plan = sync_plan(world)
    never_sent = ~plan.is_sent[world.components["dossier_no"].to_numpy()]
    return {
        "dossier_steps": len(plan.progress),
        "dossier_documents": int(plan.hit["sync_result_is_input"].sum()) - int(never_sent.sum()),
    }
