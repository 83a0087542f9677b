"""What was known of a dossier at a moment: rows looked up by dossier and time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

# Dossier and moment in one sortable number: a moment in seconds since 1970 is below 2 ** 33 until 2242.
_MOMENT_BITS = 33


class History:
    """The rows of a table by dossier and moment; of rows of one moment the later row is newer."""

    def __init__(self, frame: pd.DataFrame, moment: str) -> None:
        known = frame[frame[moment].notna()]
        self.rows = known.sort_values(["dossier_no", moment], kind="stable", ignore_index=True)
        self._places = _sortable(self.rows["dossier_no"], self.rows[moment])

    def count_by(self, dossier_no: Any, moments: Any) -> Any:
        """How many rows each dossier has at or before its moment."""
        numbers = np.asarray(dossier_no, np.int64)
        first = np.searchsorted(self._places, numbers << _MOMENT_BITS, "left")
        return np.searchsorted(self._places, _sortable(numbers, moments), "right") - first

    def last_by(self, dossier_no: Any, moments: Any, column: str) -> Any:
        """``column`` (moments) of each dossier's last row at or before its moment; NaT where none."""
        numbers = np.asarray(dossier_no, np.int64)
        places = np.searchsorted(self._places, _sortable(numbers, moments), "right") - 1
        found = np.full(len(numbers), np.datetime64("NaT", "s"))
        known = self.count_by(numbers, moments) > 0
        found[known] = np.asarray(self.rows[column], "datetime64[s]")[places[known]]
        return found

    def sum_by(self, dossier_no: Any, moments: Any, column: str) -> Any:
        """Sum of ``column`` (whole numbers) over each dossier's rows at or before its moment."""
        numbers = np.asarray(dossier_no, np.int64)
        sums = np.concatenate([[0], np.cumsum(self.rows[column].to_numpy(np.int64))])
        first = np.searchsorted(self._places, numbers << _MOMENT_BITS, "left")
        return sums[first + self.count_by(numbers, moments)] - sums[first]


def _sortable(dossier_no: Any, moments: Any) -> Any:
    seconds = np.asarray(moments, "datetime64[s]").astype(np.int64)
    return (np.asarray(dossier_no, np.int64) << _MOMENT_BITS) + seconds
