"""The reorganisation of 1 July 2025 as tables: which units ended, which began, and who took over from whom.

A code that another unit bears since is two units: in the world the later one is the code and its first day,
and only exports, which know no such thing, write the bare code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from dagster_project.sample.catalog import UNITS_SINCE, load_catalog

LAND_OFFICE_SINCE = "H36.45.10"
DEPARTMENT_SINCE = "H36.45"


@dataclass(frozen=True)
class Merger:
    """``day``: the first day of the new units. ``units`` and ``successions``: the whole tables of the world,
    those of the time before included. ``heirs``: old unit → new units and their shares, the default first.
    ``ward_district``: wards whose code was given anew → their district.
    """

    day: np.datetime64
    units: pd.DataFrame
    successions: pd.DataFrame
    heirs: dict[str, dict[str, float]]
    ward_district: dict[str, str]

    def default(self, units: Any) -> Any:
        """Each unit's default successor; a unit that goes on is its own."""
        first = {old: next(iter(new)) for old, new in self.heirs.items()}
        return np.array([first.get(unit, unit) for unit in units], dtype=object)


def written(unit: str) -> str:
    """The code of a unit as exports write it."""
    return unit.split("~")[0]


def in_new_order(unit: str) -> str:
    """The code of a unit from the largest body to the smallest: 001.10.13.H11 becomes H11.13.10.001."""
    groups = written(unit).split(".")
    if len(groups) != 4 or not groups[0].isdigit():
        return written(unit)
    while groups[0].strip("0") == "":
        groups.pop(0)
    return ".".join(reversed(groups))


@lru_cache(maxsize=1)
def load_merger() -> Merger:
    """The reorganisation as shipped with the program. Do not change its frames: they are shared."""
    raw = yaml.safe_load((Path(__file__).parent / "merger.yml").read_text(encoding="utf-8"))
    day = np.datetime64(raw["day"], "D")
    wards = {ward["code"]: ward for ward in raw["wards"]}
    born = {code: f"{code}~{day}" if code in wards else code for code in raw["communes"]}
    heirs: dict[str, dict[str, float]] = {}
    bases: dict[str, str] = {}
    taken_over = [*raw["successions"].items(), ("ward", {code: ward["to"] for code, ward in wards.items()})]
    for basis, lines in taken_over:
        for old, new in lines.items():
            heirs[old] = {born.get(code, code): share for code, share in new.items()}
            bases[old] = raw["sources"][basis]
    return Merger(
        day=day,
        units=_units(raw, day, wards, born, set(heirs)),
        successions=_successions(day, heirs, bases),
        heirs=heirs,
        ward_district={code: ward["district"] for code, ward in wards.items()},
    )


def _units(
    raw: dict[str, Any], day: np.datetime64, wards: dict[str, Any], born: dict[str, str], ended: set[str]
) -> pd.DataFrame:
    known = load_catalog().units
    before = [_unit(row, UNITS_SINCE) for row in raw["before"]]
    before += [
        _unit({**ward, "level": "commune", "parent": ward["district"]}, UNITS_SINCE)
        for ward in wards.values()
    ]
    old = pd.concat([known, _dated(before)], ignore_index=True)
    last_day = (day - 1).astype("datetime64[s]")
    ends = old["unit_code"].isin(ended).to_numpy()
    old["valid_to_on"] = np.where(ends, last_day, old["valid_to_on"].to_numpy())
    new = [_unit(row, UNITS_SINCE if row["code"] == "H36" else day) for row in raw["units"]]
    new += [
        _unit({"code": born[code], "name": name, "level": "commune", "parent": "H36"}, day)
        for code, name in raw["communes"].items()
    ]
    return pd.concat([old, _dated(new)], ignore_index=True)


def _unit(row: dict[str, Any], since: Any) -> dict[str, Any]:
    return {
        "unit_code": row["code"],
        "unit_name": row["name"],
        "level": row.get("level", "province"),
        "kind": row.get("kind", "own"),
        "parent_unit_code": row.get("parent"),
        "valid_from_on": since,
        "valid_to_on": None,
    }


def _successions(
    day: np.datetime64, heirs: dict[str, dict[str, float]], bases: dict[str, str]
) -> pd.DataFrame:
    rows = [
        {
            "old_unit_code": old,
            "new_unit_code": new,
            "succeeded_on": day,
            "share": share,
            "is_default": place == 0,
            "legal_source": bases[old],
        }
        for old, shares in heirs.items()
        for place, (new, share) in enumerate(shares.items())
    ]
    before = load_catalog().unit_successions
    return pd.concat([before, _dated(rows)[list(before.columns)]], ignore_index=True)


def _dated(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for column in frame.columns[frame.columns.str.endswith("_on")]:
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    return frame
