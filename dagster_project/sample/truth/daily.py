"""Counting by day: a flow over a period is the difference of two running totals, a stock is one.

Everything that is counted becomes +1 (or -1) on a day in a group. The totals of all days are kept, so a
period costs two look-ups whatever its length, and no period is ever a sum of shorter ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.periods import Periods


@dataclass(frozen=True)
class Groups:
    """The distinct combinations of some columns, sorted, and which of them each row belongs to."""

    keys: pd.DataFrame
    codes: Any

    @property
    def size(self) -> int:
        return len(self.keys)

    def of(self, mask: Any) -> Groups:
        """The same groups for the rows where ``mask`` holds."""
        return Groups(self.keys, self.codes[np.asarray(mask)])


@dataclass(frozen=True)
class Totals:
    """Running totals per day and group: row ``n`` holds everything before day ``first_day + n``."""

    first_day: int
    sums: Any

    def before(self, days: Any) -> Any:
        """Totals of everything before each day (datetime64[D]): one row per day, one column per group."""
        places = np.asarray(days, "datetime64[D]").astype(np.int64) - self.first_day
        return self.sums[np.clip(places, 0, len(self.sums) - 1)]

    def during(self, periods: Periods) -> Any:
        """What happened in each period, up to its day of reckoning."""
        return self.at_end(periods) - self.before(periods.starts_on)

    def at_end(self, periods: Periods) -> Any:
        """What stood at the end of each period's day of reckoning."""
        return self.before(periods.reckoned_on + 1)


def group(frame: pd.DataFrame, columns: list[str]) -> Groups:
    """Group rows by ``columns``; a missing value is a value of its own (None)."""
    codes = np.zeros(len(frame), np.int64)
    for name in columns:
        values, labels = pd.factorize(frame[name], sort=True)
        codes = codes * (len(labels) + 1) + values + 1
    _, first_rows, inverse = np.unique(codes, return_index=True, return_inverse=True)
    keys = frame[columns].iloc[first_rows].astype(object).reset_index(drop=True)
    return Groups(keys.where(keys.notna(), None), inverse.reshape(-1))


def running_totals(groups: Groups, days: Any, weights: Any = None) -> Totals:
    """Totals of one event per row: ``days`` (datetime64, NaT = no event) and ``weights`` (default 1)."""
    days = as_days(days)
    happened = ~np.isnat(days)
    numbers = days[happened].astype(np.int64)
    if not len(numbers):
        return Totals(0, np.zeros((1, groups.size), np.int64))
    first = int(numbers.min())
    length = int(numbers.max()) - first + 1
    places = (numbers - first) * groups.size + groups.codes[happened]
    amounts = None if weights is None else np.asarray(weights, np.float64)[happened]
    counted = np.bincount(places, amounts, length * groups.size).reshape(length, groups.size)
    sums = np.zeros((length + 1, groups.size), np.int64)
    np.cumsum(np.rint(counted).astype(np.int64), axis=0, out=sums[1:])
    return Totals(first, sums)


def standing_totals(groups: Groups, from_days: Any, until_days: Any) -> Totals:
    """Totals of what stands from one day on until another: counted at the end of each day in [from, until).

    ``until_days`` NaT = for ever; nothing where ``from_days`` is NaT or not before ``until_days``.
    """
    starts, ends = as_days(from_days), as_days(until_days)
    stands = ~np.isnat(starts) & (np.isnat(ends) | (starts < ends))
    both = Groups(groups.keys, np.concatenate([groups.codes[stands], groups.codes[stands]]))
    days = np.concatenate([starts[stands], ends[stands]])
    weights = np.repeat([1, -1], int(stands.sum()))
    return running_totals(both, days, weights)


def as_days(moments: Any) -> Any:
    """The days of moments (NaT stays NaT)."""
    return np.asarray(moments, "datetime64[s]").astype("datetime64[D]")


def sum_columns(matrix: Any, codes: Any, size: int) -> Any:
    """Add up the columns of ``matrix`` that share a code; one column per code 0 … size - 1."""
    summed = np.zeros((size, matrix.shape[0]), matrix.dtype)
    np.add.at(summed, np.asarray(codes), matrix.T)
    return summed.T


def records(periods: Periods, keys: pd.DataFrame, measures: dict[str, Any]) -> pd.DataFrame:
    """One row per period and group in which any measure is not 0; measures are periods × groups."""
    stacked = {name: np.asarray(matrix).reshape(-1) for name, matrix in measures.items()}
    any_measure = np.zeros(len(periods) * len(keys), bool)
    for values in stacked.values():
        any_measure |= values != 0
    rows = np.flatnonzero(any_measure)
    by_group = keys.iloc[rows % max(len(keys), 1)].reset_index(drop=True)
    period_keys = pd.Series(np.array(periods.keys, object)[rows // max(len(keys), 1)], name="period_key")
    counted = pd.DataFrame({name: values[rows] for name, values in stacked.items()})
    return pd.concat([period_keys, by_group, counted], axis=1)
