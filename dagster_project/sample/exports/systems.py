"""Which one-stop system holds a dossier: land branches, the department's divisions, or the districts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.catalog import LAND_OFFICE
from dagster_project.sample.merger.plan import LAND_OFFICE_SINCE
from dagster_project.sample.world import World

_LAND_OFFICES = (LAND_OFFICE, LAND_OFFICE_SINCE)
_LOCAL = ("district", "commune")  # the communes went on with the software of the districts
LAND, DEPARTMENT, DISTRICT = "mot-cua-dat-dai", "mot-cua-so", "mot-cua-huyen"


def system_of_units(world: World, unit_codes: Any) -> npt.NDArray[np.object_]:
    """Folder of the system of each unit code; units that resolve nothing fall to the department's system."""
    units = world.units
    system = {
        code: DISTRICT if level in _LOCAL else LAND if parent in _LAND_OFFICES else DEPARTMENT
        for code, level, parent in zip(
            units["unit_code"], units["level"], units["parent_unit_code"], strict=True
        )
    }
    names: npt.NDArray[np.object_] = (
        pd.Series(np.asarray(unit_codes, dtype=object)).map(system).to_numpy(object)
    )
    return names


def system_of_dossiers(world: World) -> npt.NDArray[np.object_]:
    """Folder of the system of each dossier, by dossier number."""
    return system_of_units(world, world.dossiers["unit_code"])
