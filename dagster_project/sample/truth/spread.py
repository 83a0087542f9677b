"""Counts per place added up to units (alone, and for a few with all below them) and to fields (each, all)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import group, sum_columns
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.periods import Periods

WITH_CHILDREN = ("H11", "000.00.13.H11", "000.10.13.H11", "H36", "H36.45", "H36.45.10")


class Spread:
    """Adds counts per place up to units (alone, with everything below) and to fields (each, all)."""

    def __init__(self, hierarchy: Hierarchy, periods: Periods, keys: pd.DataFrame) -> None:
        self._period_keys = np.array(periods.keys, object)
        self._sums: list[tuple[pd.DataFrame, Any, Any]] = []
        own = pd.DataFrame({"unit_code": keys["unit_code"], "field_code": keys["field_code"], "scope": "own"})
        everywhere = np.ones((len(periods), len(keys)), bool)
        self._add(own, everywhere)
        for ancestor in WITH_CHILDREN:
            self._add(
                own.assign(unit_code=ancestor, scope="with_children"),
                hierarchy.are_below(ancestor, periods.ends_on, keys["unit_code"]),
            )

    def _add(self, places: pd.DataFrame, is_counted: Any) -> None:
        for frame in (places, places.assign(field_code="all")):
            groups = group(frame, ["unit_code", "field_code", "scope"])
            self._sums.append((groups.keys, groups.codes, is_counted))

    def groups(self) -> list[tuple[pd.DataFrame, Any, Any]]:
        """Each way of adding up: the keys of its groups, the group of each place, in which periods it counts.

        Keys are unit_code, field_code, scope; the last is a matrix periods × places.
        """
        return self._sums

    @property
    def period_keys(self) -> Any:
        """The keys of the periods, in their order."""
        return self._period_keys

    def rows(self, code: str, version: str, numerator: Any, denominator: Any) -> pd.DataFrame:
        """All rows of one rule, from its counts per period and place."""
        frames = []
        for keys, codes, is_counted in self._sums:
            above, below = (
                sum_columns(np.where(is_counted, counts, 0), codes, len(keys))
                for counts in (numerator, denominator)
            )
            period, place = np.nonzero(below)
            frames.append(
                keys.iloc[place].assign(
                    period_key=self._period_keys[period],
                    numerator=above[period, place],
                    denominator=below[period, place],
                )
            )
        return pd.concat(frames, ignore_index=True).assign(indicator_code=code, rule_version=version)
