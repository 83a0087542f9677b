"""From arrays to columns of tables: wall times cut at the horizon, short vocabularies, numbered codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dagster_project.sample.options import Options
from dagster_project.sample.workdays import (
    CLOSES,
    OFFICE_MINUTES,
    from_office_minutes,
    nth_working_day,
    working_day_number,
)

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]

NONE = np.datetime64("NaT", "s")


def last_day_number(options: Options) -> int:
    """The working-day number of the last day of the sample."""
    return int(working_day_number(np.array([options.last_on], dtype="datetime64[D]"))[0])


def cut_of(options: Options) -> int:
    """Office minutes from here on lie after the horizon: they are not known."""
    return (last_day_number(options) + 1) * OFFICE_MINUTES


def moments(minutes: Ints, cut: int) -> Moments:
    """Wall time of office minutes; NaT for what lies after the horizon (``cut_of``) or never comes."""
    known = minutes < cut
    result: Moments = np.where(known, from_office_minutes(np.where(known, minutes, 0)), NONE)
    return result


def wall_due(due: Ints) -> Moments:
    """The appointment of each working-day number: 17:00 of that day."""
    days: Any = nth_working_day(due).astype("datetime64[s]")
    result: Moments = days + np.timedelta64(CLOSES * 60, "s")
    return result


def categories(codes: Any, names: Any) -> pd.Categorical:
    """Places in a list of names (-1: missing) as a text column that takes little room."""
    return pd.Categorical.from_codes(np.asarray(codes).astype(np.int16), list(names))


def texts(array: pa.Array) -> pd.Series:
    """Arrow text as pandas text."""
    kind = pd.StringDtype("pyarrow", na_value=np.nan)
    chunks = pa.chunked_array([array.cast(pa.large_string())])
    return pd.Series(pd.arrays.ArrowStringArray(chunks, dtype=kind))


def numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Texts such as BS-000123: a prefix and a number with leading zeros."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def only_where(mask: Any, array: pa.Array) -> pa.Array:
    """The texts where the mask holds, missing elsewhere."""
    return pc.if_else(pa.array(mask), array, pa.scalar(None, array.type))
