"""What exports know of the reorganisation: who had a thing when it was written, and how codes are written.

Up to the day registers name the old units, in the order of codes of their time; later on they write every
code in the younger order, and have moved what was still open to the unit that goes on with it. A sample that
ends before the day is left as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dagster_project.sample.catalog import DEPARTMENT
from dagster_project.sample.exports import text
from dagster_project.sample.merger.plan import DEPARTMENT_SINCE, in_new_order, written
from dagster_project.sample.world import EXTRACT_MOMENTS, World

_UNIT_COLUMNS = ("unit_code", "receiving_unit_code", "holder_unit_code")


def is_after(world: World, extract_no: int) -> bool:
    """Whether an extract is one of the new units."""
    day = world.reorganised_on
    return day is not None and bool(np.datetime64(EXTRACT_MOMENTS[extract_no], "D") >= day)


def as_stated(world: World, frame: pd.DataFrame, extract_no: int) -> pd.DataFrame:
    """Rows of dossiers, steps or pauses with the units that had them when the extract was made."""
    if world.reorganised_on is None:
        return frame
    columns = {name.removesuffix("_before") + "_code": frame[name] for name in _before(frame)}
    if not is_after(world, extract_no):
        return frame.assign(**columns)
    if "is_open_across" not in frame:
        return frame
    moved = frame["is_open_across"].to_numpy(bool)
    unit = np.where(moved, frame["current_unit_code"], frame["unit_code"].astype(object))
    return frame.assign(unit_code=unit)


def _before(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name.endswith("unit_before")]


def as_written(world: World, frame: pd.DataFrame, extract_no: int) -> pd.DataFrame:
    """The rows with the codes of their units as this extract writes them."""
    if world.reorganised_on is None:
        return frame
    names = [name for name in _UNIT_COLUMNS if name in frame]
    return frame.assign(**{name: codes(world, frame[name], extract_no) for name in names})


def codes(world: World, units: Any, extract_no: int) -> Any:
    """The codes of units as an extract writes them."""
    if world.reorganised_on is None:
        return units
    form = in_new_order if is_after(world, extract_no) else written
    return pd.Series(np.asarray(units, dtype=object)).map(form, na_action="ignore")


def listed(world: World, units: pd.Series) -> pa.Array:
    """The codes of units as the list of the organisation has them: each in the order of its own time."""
    if world.reorganised_on is None:
        return text.texts(units)
    return text.texts(units.astype(object).map(written, na_action="ignore"))


def department(world: World, extract_no: int) -> str:
    """The code of the department that sends an extract."""
    return DEPARTMENT_SINCE if is_after(world, extract_no) else DEPARTMENT


def province(world: World, extract_no: int) -> str:
    """The code of the province that sends an extract."""
    return "H36" if is_after(world, extract_no) else "H11"
