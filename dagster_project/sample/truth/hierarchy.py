"""Who stands below whom on a day. Every unit has a place on every day, also outside its validity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import as_days


class Hierarchy:
    """The units of the world through time (one row per unit and validity)."""

    def __init__(self, units: pd.DataFrame) -> None:
        starts = as_days(units["valid_from_on"])
        starts[np.isnat(starts)] = np.datetime64("0001-01-01", "D")
        parents = units["parent_unit_code"].astype(object)
        order = np.argsort(starts, kind="stable")
        codes = units["unit_code"].astype(object).to_numpy()[order]
        self._starts = starts[order]
        self._rows = list(zip(codes, parents.where(parents.notna(), None).to_numpy()[order], strict=True))
        self._known: dict[tuple[str, int], set[str]] = {}

    def below(self, ancestor: str, day: Any) -> set[str]:
        """The codes of ``ancestor`` and of every unit below it in the hierarchy of one day (datetime64).

        A unit whose row ended long ago hangs where its last row put it, so that its late dossiers are
        still added up.
        """
        begun = int(np.searchsorted(self._starts, np.datetime64(day, "D"), "right"))
        if (ancestor, begun) not in self._known:
            self._known[ancestor, begun] = self._closure(ancestor, self._parents(begun))
        return self._known[ancestor, begun]

    def are_below(self, ancestor: str, days: Any, unit_codes: Any) -> Any:
        """Whether each unit lies below ``ancestor`` on each day: a matrix of days × units."""
        rows = []
        for day in days:
            members = self.below(ancestor, day)
            rows.append([unit in members for unit in unit_codes])
        return np.array(rows, bool).reshape(len(days), len(unit_codes))

    def _closure(self, ancestor: str, parents: dict[str, str | None]) -> set[str]:
        found = {ancestor}
        children = {ancestor}
        while children:
            children = {unit for unit, parent in parents.items() if parent in children} - found
            found |= children
        return found

    def _parents(self, begun: int) -> dict[str, str | None]:
        """Each unit's parent when so many rows have begun: of its newest begun row, else of its first."""
        parents = dict(reversed(self._rows[begun:]))
        parents.update(self._rows[:begun])
        return parents
