"""First entries that a clerk got wrong and put right in the next extract: channel, unit or officer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.exports.systems import system_of_units
from dagster_project.sample.randomness import stream
from dagster_project.sample.world import EXTRACT_MOMENTS, World

SHARE = 0.01
_CHANNELS = ("counter", "online", "post")

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corrections:
    """Dossiers with a wrong first entry (ascending), the number of the extract that has it, what is wrong."""

    dossier_no: Numbers
    wrong_in: Numbers
    channel: npt.NDArray[np.object_]
    unit_code: npt.NDArray[np.object_]
    officer_no: Numbers

    def apply(self, frame: pd.DataFrame, extract_no: int) -> pd.DataFrame:
        """The rows of an extract with their wrong entries, if this is the extract that has them."""
        chosen = self.wrong_in == extract_no
        numbers = frame["dossier_no"].to_numpy()
        place = np.searchsorted(numbers, self.dossier_no[chosen])
        for column in ("channel", "unit_code", "officer_no"):
            values = frame[column].to_numpy(copy=True)
            if values.dtype != np.int64:
                values = values.astype(object)
            values[place] = getattr(self, column)[chosen]
            frame[column] = values
        return frame


def make_corrections(world: World, first_extract: Numbers) -> Corrections:
    """About one dossier in a hundred, never one that first shows in the last extract.

    In: number of the extract in which each dossier first shows. What is wrong is a unit of the same system
    or an officer of the same unit, so that no other register changes.
    """
    rng = stream(world.options, "exports/corrections")
    dossiers = world.dossiers
    is_wrong = rng.random(len(dossiers)) < SHARE
    subject = rng.integers(0, 3, len(dossiers))
    is_wrong &= first_extract < world.options.extract_count - 1
    units = dossiers["unit_code"]
    if world.reorganised_on is not None:
        # who was wrong in the last extract of the old units was never put right in their name
        last_before = _last_extract_before(world.reorganised_on)
        is_after_day = first_extract > last_before
        is_wrong &= first_extract != last_before
        units = units.astype(object).where(is_after_day, dossiers["unit_before"])
    numbers = np.flatnonzero(is_wrong)
    rows = dossiers.iloc[numbers]
    what = subject[numbers]
    channel = rows["channel"].to_numpy(dtype=object).copy()
    unit = units.to_numpy(dtype=object)[numbers].copy()
    officer = rows["officer_no"].to_numpy(dtype=np.int64).copy()
    other_unit = _next_unit(world, unit, units)
    other_officer = _next_officer(world, officer)
    # A unit without a neighbour and an unknown officer leave the channel to be wrong.
    is_unit = (what == 1) & (other_unit != unit)
    is_officer = (what == 2) & (other_officer != officer)
    is_channel = ~is_unit & ~is_officer
    following = dict(zip(_CHANNELS, (*_CHANNELS[1:], _CHANNELS[0]), strict=True))
    channel[is_channel] = [following[value] for value in channel[is_channel]]
    unit[is_unit] = other_unit[is_unit]
    officer[is_officer] = other_officer[is_officer]
    return Corrections(numbers, first_extract[numbers], channel, unit, officer)


def _last_extract_before(day: np.datetime64) -> int:
    """The number of the last extract of the units that were reorganised on a day."""
    return sum(bool(np.datetime64(moment, "D") < day) for moment in EXTRACT_MOMENTS) - 1


def _next_unit(world: World, units: npt.NDArray[np.object_], all_units: pd.Series) -> npt.NDArray[np.object_]:
    """The next unit of the same system and time that resolves dossiers, in the order of codes."""
    codes = pd.Series(sorted(all_units.astype(object).unique()))
    new = set(world.units.loc[world.units["valid_from_on"] == world.reorganised_on, "unit_code"])
    kinds = pd.Series(system_of_units(world, codes)) + codes.isin(new).map({True: " since", False: ""})
    following: dict[object, object] = {}
    for _, group in codes.groupby(kinds):
        following.update(zip(group, np.roll(group.to_numpy(object), -1), strict=True))
    return np.array([following[unit] for unit in units], dtype=object)


def _next_officer(world: World, officers: Numbers) -> Numbers:
    """The next officer of the same unit, by number."""
    following: dict[int, int] = {-1: -1}
    for _, group in world.officers.groupby("unit_code", observed=True)["officer_no"]:
        following.update(zip(group.to_list(), np.roll(group.to_numpy(), -1).tolist(), strict=True))
    return np.array([following[number] for number in officers.tolist()], dtype=np.int64)
