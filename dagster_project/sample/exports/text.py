"""World values → the text that exports hold, a whole column at a time: dates, codes, yes and no, numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_TOKEN = re.compile("yyyy|MM|dd|HH|mm|ss|.")
_DIGIT = ord("0")


def digits(values: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.uint8]:
    """Whole numbers as rows of ASCII digits, zero-padded to ``width``; longer ones lose their head."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    return (values[:, None] // powers % 10 + _DIGIT).astype(np.uint8)


def fixed_text(characters: npt.NDArray[np.uint8], is_null: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Rows of ASCII characters as Arrow strings of equal length, NULL where ``is_null``."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    bitmap = None
    if is_null is not None and is_null.any():
        bitmap = pa.py_buffer(np.packbits(~is_null, bitorder="little").tobytes())
    data = pa.py_buffer(np.ascontiguousarray(characters).tobytes())
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets.tobytes()), data, bitmap)


def dates(values: Any, pattern: str) -> pa.Array:
    """Moments (datetime64) as text after ``pattern`` (yyyy MM dd HH mm ss, else ASCII), NaT as NULL."""
    moments = np.asarray(values).astype("datetime64[s]")
    is_null = np.isnat(moments)
    moments = np.where(is_null, np.datetime64("2000-01-01", "s"), moments)
    days = moments.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    seconds = (moments - days).astype(np.int64)
    parts: dict[str, tuple[npt.NDArray[np.int64], int]] = {
        "yyyy": (months.astype(np.int64) // 12 + 1970, 4),
        "MM": (months.astype(np.int64) % 12 + 1, 2),
        "dd": ((days - months).astype(np.int64) + 1, 2),
        "HH": (seconds // 3600, 2),
        "mm": (seconds // 60 % 60, 2),
        "ss": (seconds % 60, 2),
    }
    pieces = [
        digits(*parts[token]) if token in parts else np.full((len(days), 1), ord(token), np.uint8)
        for token in _TOKEN.findall(pattern)
    ]
    return fixed_text(np.concatenate(pieces, axis=1), is_null)


def texts(values: Any) -> pa.Array:
    """Text, category or object column as Arrow strings; None, NaN and empty text as NULL."""
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        return _taken(values.cat.categories.to_list(), values.cat.codes.to_numpy())
    return pa.array(pd.Series(values).astype(object), pa.string(), from_pandas=True)


def coded(values: Any, meanings: Mapping[Any, str | None]) -> pa.Array:
    """Each value as the text that ``meanings`` has for it; KeyError for a value that it lacks.

    Missing values stay missing.
    """
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        numbers, kinds = values.cat.codes.to_numpy(), values.cat.categories
        used = np.unique(numbers[numbers >= 0])
        words = [meanings[kind] if place in used else None for place, kind in enumerate(kinds)]
    else:
        numbers, kinds = pd.factorize(pd.Series(np.asarray(values, dtype=object)))
        words = [meanings[kind] for kind in kinds]
    return _taken(words, numbers)


def _taken(words: Sequence[str | None], numbers: npt.NDArray[np.int64]) -> pa.Array:
    """The word of each number, NULL for -1."""
    places = np.where(numbers < 0, len(words), numbers)
    return pa.array([*words, None], pa.string()).take(pa.array(places))


def looked_up(numbers: Any, table: Any) -> pa.Array:
    """``table[number]`` as text for each row number, NULL for -1."""
    places = np.asarray(numbers, dtype=np.int64)
    column = texts(table)
    return column.take(pa.array(places, mask=places < 0))


def yes_no(values: Any, yes: str = "Có", no: str = "Không") -> pa.Array:
    """Booleans as two words; None and NaN as NULL."""
    return coded(values, {True: yes, False: no})


def whole_numbers(values: Any) -> pa.Array:
    """Numbers without decimals, NaN as NULL."""
    floats = np.asarray(values, dtype=float)
    is_null = np.isnan(floats)
    return pa.array(np.where(is_null, 0, floats).astype(np.int64), mask=is_null).cast(pa.string())


def decimals(values: Any, comma: str = ",") -> pa.Array:
    """Numbers as people type them: no decimals where there are none, else with ``comma``; NaN as NULL."""
    numbers, kinds = pd.factorize(np.asarray(values, dtype=float))
    return _taken([f"{kind:.4f}".rstrip("0").rstrip(".").replace(".", comma) for kind in kinds], numbers)


def joined(*parts: Any) -> pa.Array:
    """The parts (columns or single texts) one after the other; NULL where one is."""
    return pc.binary_join_element_wise(*parts, "")


def blank(count: int) -> pa.Array:
    """A column without values."""
    return pa.nulls(count, pa.string())


def same(word: str, count: int) -> pa.Array:
    """A column with one text in every row."""
    return pa.repeat(pa.scalar(word), count)
