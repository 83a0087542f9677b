"""What a register shows at each extract: the rows new or changed since the one before, as then known.

Moments lie far apart (a month), events are many: every event is put into its month once, and each month
reads its own slice. Nothing here knows files or text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.exports.corrections import Corrections, make_corrections
from dagster_project.sample.exports.reorganised import as_stated
from dagster_project.sample.world import EXTRACT_MOMENTS, World

MOMENTS = np.array(EXTRACT_MOMENTS, dtype="datetime64[s]")
_NAT = np.datetime64("NaT", "s")

Numbers = npt.NDArray[np.int64]
Moments = npt.NDArray[np.datetime64]


def extracts(world: World) -> range:
    """The numbers of the extracts that a world has, oldest first."""
    return range(world.options.extract_count)


def extract_of(moments: Any) -> Numbers:
    """Number of the first extract that can know each moment; ``len(MOMENTS)`` for NaT."""
    return np.searchsorted(MOMENTS, np.asarray(moments).astype("datetime64[s]"), side="left").astype(np.int64)


@dataclass(frozen=True)
class Changes:
    """Row numbers of a table by extract, ascending within each."""

    rows: Numbers
    starts: Numbers

    def at(self, extract_no: int) -> Numbers:
        """The rows that are new or changed in one extract."""
        return self.rows[self.starts[extract_no] : self.starts[extract_no + 1]]


def changes(events: Iterable[tuple[Any, Any]]) -> Changes:
    """Rows by extract from pairs (row numbers, moments at which something about them changed)."""
    pairs = [(np.asarray(rows, dtype=np.int64), extract_of(moments)) for rows, moments in events]
    rows, extracts = (np.concatenate([pair[place] for pair in pairs]) for place in (0, 1))
    width = np.int64(rows.max() + 1 if len(rows) else 1)
    codes = np.unique((extracts * width + rows)[extracts < len(MOMENTS)])
    starts = np.searchsorted(codes, np.arange(len(MOMENTS) + 1) * width)
    return Changes(codes % width, starts)


def posting_on(world: World, officer_no: Any, at: Any) -> Numbers:
    """The postings of officers at each moment: since the reorganisation those that went on with theirs."""
    numbers = np.asarray(officer_no, dtype=np.int64)
    if world.reorganised_on is None:
        return numbers
    moved_to = world.officers["moved_to"].to_numpy(np.int64)[numbers]
    is_later = np.asarray(at).astype("datetime64[s]") >= world.reorganised_on
    return np.where(is_later & (numbers >= 0) & (moved_to >= 0), moved_to, numbers)


def known(moments: Any, moment: np.datetime64) -> Moments:
    """The moments that lie not after ``moment``; NaT for all others."""
    values = np.asarray(moments).astype("datetime64[s]")
    return np.where(values <= moment, values, _NAT)


def is_known(moments: Any, moment: np.datetime64) -> npt.NDArray[np.bool_]:
    """Has it happened by ``moment``? NaT never has."""
    happened: npt.NDArray[np.bool_] = np.asarray(moments).astype("datetime64[s]") <= moment
    return happened


class Registers:
    """The dossiers' tables of one world, asked extract by extract. Row numbers are those of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.corrections: Corrections = make_corrections(world, extract_of(self._first_seen_at))

    # -------------------------------------------------------------------------------- dossiers

    @cached_property
    def _first_seen_at(self) -> Moments:
        """A dossier enters the register when it is submitted, at the latest when it is accepted."""
        dossiers = self.world.dossiers
        submitted, received = _moments(dossiers, "submitted_at"), _moments(dossiers, "received_at")
        return np.where(np.isnat(submitted), received, np.fmin(submitted, received))

    @cached_property
    def _ended_at(self) -> Moments:
        """Finish; a dossier that was not accepted ends when the applicant was told so."""
        dossiers = self.world.dossiers
        finished = _moments(dossiers, "finished_at")
        is_not_accepted = (dossiers["outcome"] == "not_accepted").to_numpy()
        return np.where(is_not_accepted, _moments(dossiers, "refused_at"), finished)

    @cached_property
    def dossier_changes(self) -> Changes:
        """Dossiers by extract: new, moved on, with a new due date, or corrected."""
        dossiers, due = self.world.dossiers, self.world.due_dates
        supplements, pauses = self.world.supplements, self.world.pauses
        numbers = np.arange(len(dossiers))
        corrected, restated = self.corrections, self.world.restatements
        events: list[tuple[Any, Any]] = [
            (numbers, self._first_seen_at),
            (numbers, dossiers["received_at"]),
            (numbers, self._ended_at),
            (numbers, dossiers["returned_at"]),
            (due["dossier_no"], due["known_from_at"]),
            (supplements["dossier_no"], supplements["requested_at"]),
            (supplements["dossier_no"], supplements["answered_at"]),
            (pauses["dossier_no"], pauses["paused_at"]),
            (pauses["dossier_no"], pauses["resumed_at"]),
            (corrected.dossier_no, MOMENTS[corrected.wrong_in + 1]),
            (restated["dossier_no"], restated["stated_at"]),
        ]
        if self.world.reorganised_on is not None:
            moved = numbers[dossiers["is_open_across"].to_numpy(bool)]
            events.append((moved, np.full(len(moved), self.world.reorganised_on)))
        return changes(events)

    def dossiers(self, extract_no: int, corrected: bool = False) -> pd.DataFrame:
        """The dossiers that are new or changed in an extract, in the state then known.

        Columns of the world's table with unknown moments as NaT, and: ``due_at``; ``status_code`` (list of
        the national portal, or ``refused``: that list has no code for a refusal after acceptance);
        ``is_newly_received`` (accepted since the extract before). Wrong first entries are in ``channel``,
        ``unit_code`` and ``officer_no``, unless ``corrected``.
        """
        numbers = self.dossier_changes.at(extract_no)
        moment = MOMENTS[extract_no]
        rows = self.world.dossiers.iloc[numbers].reset_index(drop=True)
        frame = rows.assign(
            submitted_at=known(rows["submitted_at"], moment),
            received_at=known(rows["received_at"], moment),
            finished_at=self._finished_at(moment)[numbers],
            returned_at=known(rows["returned_at"], moment),
            due_at=self._due_at(moment)[numbers],
            is_newly_received=extract_of(rows["received_at"]) == extract_no,
        )
        frame["status_code"] = self.statuses(extract_no)[1]
        frame = as_stated(self.world, frame, extract_no)
        return frame if corrected else self.corrections.apply(frame, extract_no)

    def _finished_at(self, moment: np.datetime64) -> Moments:
        """Per dossier the finish that its register states at ``moment``: the real one, or another instead."""
        result = known(self.world.dossiers["finished_at"], moment)
        restated = self.world.restatements
        restated = restated[is_known(restated["stated_at"], moment)]
        result[restated["dossier_no"].to_numpy()] = _moments(restated, "finished_at")
        return result

    def _due_at(self, moment: np.datetime64) -> Moments:
        """Per dossier the last due date known by ``moment``."""
        due = self.world.due_dates
        is_given = is_known(due["known_from_at"], moment)
        result = np.full(len(self.world.dossiers), _NAT)
        # Versions stand in the order in which they became known: the last assignment stays.
        result[due["dossier_no"].to_numpy()[is_given]] = _moments(due, "due_at")[is_given]
        return result

    def _waiting(self, table: str, start: str, end: str, moment: np.datetime64, **equal: str) -> Numbers:
        """Dossier numbers of what has begun and not ended by ``moment``."""
        frame: pd.DataFrame = getattr(self.world, table)
        is_open = is_known(frame[start], moment) & ~is_known(frame[end], moment)
        for column, value in equal.items():
            is_open &= (frame[column] == value).to_numpy()
        numbers: Numbers = frame["dossier_no"].to_numpy()[is_open]
        return numbers

    def statuses(self, extract_no: int) -> tuple[Numbers, npt.NDArray[np.object_]]:
        """(numbers of the dossiers that are new or changed in an extract, their status codes then)."""
        numbers, moment = self.dossier_changes.at(extract_no), MOMENTS[extract_no]
        dossiers = self.world.dossiers
        received = known(_moments(dossiers, "received_at")[numbers], moment)
        outcome = dossiers["outcome"].to_numpy(object)[numbers]
        supplement = self._waiting(
            "supplements", "requested_at", "answered_at", moment, phase="after_acceptance"
        )
        tax = self._waiting("pauses", "paused_at", "resumed_at", moment, reason="tax")
        has_ended = is_known(self._ended_at[numbers], moment)
        is_done = has_ended & (outcome == "done")
        conditions = [
            is_done & is_known(_moments(dossiers, "returned_at")[numbers], moment),
            is_done,
            *(
                has_ended & (outcome == other)
                for other in ("refused", "withdrawn", "stopped", "not_accepted")
            ),
            np.isnat(received),
            np.isin(numbers, supplement),
            np.isin(numbers, tax),
            moment - received <= np.timedelta64(1, "D"),
        ]
        codes = ["10", "9", "refused", "7", "8", "3", "1", "5", "6", "2"]
        return numbers, np.select(conditions, codes, default="4").astype(object)

    # -------------------------------------------------------------------------------- the other tables

    @cached_property
    def _table_changes(self) -> dict[str, Changes]:
        columns = {
            "steps": ("started_at", "finished_at"),
            "due_dates": ("known_from_at",),
            "supplements": ("requested_at", "answered_at"),
            "pauses": ("paused_at", "resumed_at"),
        }
        found = {}
        for table, names in columns.items():
            frame: pd.DataFrame = getattr(self.world, table)
            numbers = np.arange(len(frame))
            found[table] = changes([(numbers, frame[name]) for name in names])
        return found

    def rows(self, table: str, extract_no: int) -> pd.DataFrame:
        """New and changed rows of steps, due_dates, supplements or pauses; what is still to come is empty."""
        moment = MOMENTS[extract_no]
        frame: pd.DataFrame = getattr(self.world, table)
        frame = frame.iloc[self._table_changes[table].at(extract_no)].reset_index(drop=True)
        frame = as_stated(self.world, frame, extract_no)
        if table == "steps":
            is_over = is_known(frame["finished_at"], moment)
            finished = known(frame["finished_at"], moment)
            return frame.assign(finished_at=finished, status_code=frame["status_code"].where(is_over, None))
        if table == "supplements":
            is_over = is_known(frame["answered_at"], moment)
            new_due = np.where(is_over, _moments(frame, "new_due_at"), _NAT)
            return frame.assign(answered_at=known(frame["answered_at"], moment), new_due_at=new_due)
        if table == "pauses":
            return frame.assign(resumed_at=known(frame["resumed_at"], moment))
        return frame


def as_known(world: World, moment: np.datetime64, previous_moment: np.datetime64 | None) -> pd.DataFrame:
    """The dossiers new or changed after ``previous_moment`` and up to ``moment``, as known at ``moment``.

    For questions about one extract; a series of extracts is cheaper through ``Registers``. ValueError for
    moments that are not two neighbouring extracts.
    """
    extract_no = int(np.searchsorted(MOMENTS, moment))
    before = MOMENTS[extract_no - 1] if extract_no else None
    if extract_no == len(MOMENTS) or MOMENTS[extract_no] != moment or before != previous_moment:
        raise ValueError(f"{previous_moment} and {moment} are not neighbouring extracts")
    return Registers(world).dossiers(extract_no)


def _moments(frame: pd.DataFrame, column: str) -> Moments:
    moments: Moments = frame[column].to_numpy().astype("datetime64[s]")
    return moments
