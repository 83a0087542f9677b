"""How long open dossiers are overdue: bands of days, and quantiles by nearest rank at every unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.cases import Cases
from dagster_project.sample.truth.courtesy import overdue_days
from dagster_project.sample.truth.punctuality import Rate
from dagster_project.sample.truth.spread import Spread

_BANDS = {
    "LATE_OPEN_1_5": (1, 5),
    "LATE_OPEN_6_10": (6, 10),
    "LATE_OPEN_11_30": (11, 30),
    "LATE_OPEN_OVER_30": (31, np.inf),
}
QUANTILES = {"LATE_OPEN_MEDIAN": 50, "LATE_OPEN_P90": 90}


def age_bands(cases: Cases) -> list[Rate]:
    """Overdue dossiers in each band of days, of all overdue at the end of the period."""
    days = overdue_days(cases.open)
    overdue = cases.stock(days > 0)
    return [
        (code, "v1", cases.stock((days >= first) & (days <= last)), overdue)
        for code, (first, last) in _BANDS.items()
    ]


def quantile_rows(spread: Spread, cases: Cases) -> list[pd.DataFrame]:
    """Rows as of ``Spread.rows``: numerator the quantile in days, denominator the overdue dossiers."""
    days = overdue_days(cases.open)
    period, row = _in_periods(cases, np.flatnonzero(days > 0))
    days, place = days[row], cases.places.codes[cases.open["row"].to_numpy()[row]]
    frames = []
    for keys, codes, is_counted in spread.groups():
        here = is_counted[period, place]
        groups, starts, ages = _sorted_in_groups(period[here] * len(keys) + codes[place[here]], days[here])
        counts = np.diff(np.append(starts, len(ages)))
        for code, percent in QUANTILES.items():
            # the smallest number of days that at least so many of a hundred do not exceed
            ranks = -(-counts * percent // 100)
            frames.append(
                keys.iloc[groups % len(keys)].assign(
                    period_key=spread.period_keys[groups // len(keys)],
                    indicator_code=code,
                    rule_version="v1",
                    numerator=ages[starts + ranks - 1],
                    denominator=counts,
                )
            )
    return frames


def _in_periods(cases: Cases, rows: Any) -> tuple[Any, Any]:
    """Each of the given rows of ``cases.open`` once for every period that is reckoned on its day."""
    day_no = cases.open["day_no"].to_numpy()[rows]
    parts = [rows[day_no == reckoned] for reckoned in cases.day_no_of_periods]
    return np.repeat(np.arange(len(parts)), [len(part) for part in parts]), np.concatenate(parts)


def _sorted_in_groups(groups: Any, values: Any) -> tuple[Any, Any, Any]:
    """The distinct groups, where each begins among the values, and the values sorted within their groups."""
    order = np.lexsort((values, groups))
    found, starts = np.unique(groups[order], return_index=True)
    return found, starts, values[order]
