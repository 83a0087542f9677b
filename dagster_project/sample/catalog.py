"""Loads catalog.yml: the units, fields and procedures as frames, the rest of the settings as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

DEPARTMENT = "000.00.13.H11"
PROVINCE = "H11"
LAND_OFFICE = "000.10.13.H11"
TAX = "TAX.H11"
COMMUNE = "COMMUNE.H11"
APPLICANT = "APPLICANT"
UNITS_SINCE = date(2010, 1, 1)
PROCEDURES_SINCE = date(2019, 1, 1)


@dataclass(frozen=True)
class Catalog:
    """The department's facts.

    ``units``, ``unit_successions``, ``procedures`` and ``procedure_successions`` have the columns of the
    world's tables (``procedures`` also ``weight``, ``pause_reason`` and ``only_unit_code``);
    ``fields``: field_code, national_code, field_name. ``settings``: everything else of catalog.yml.
    """

    units: pd.DataFrame
    unit_successions: pd.DataFrame
    procedures: pd.DataFrame
    procedure_successions: pd.DataFrame
    fields: pd.DataFrame
    settings: dict[str, Any]

    def below(self, unit_code: str) -> list[str]:
        """The codes of a unit and everything below it, closed units included, in catalog order."""
        found = [unit_code]
        for code, parent in zip(self.units["unit_code"], self.units["parent_unit_code"], strict=True):
            if parent in found:
                found.append(code)
        return found

    @property
    def branches(self) -> list[str]:
        """The codes of the ten land registration branches."""
        return [code for code in self.below(LAND_OFFICE) if code != LAND_OFFICE]

    @property
    def districts(self) -> list[str]:
        """The codes of the ten districts."""
        own = self.units[(self.units["level"] == "district") & (self.units["kind"] == "own")]
        return list(own["unit_code"])

    def successor(self, unit_code: str) -> tuple[str, date] | None:
        """The unit that took this one's place, and since when; nothing for a unit that still stands."""
        rows = self.unit_successions[self.unit_successions["old_unit_code"] == unit_code]
        if rows.empty:
            return None
        row = rows.iloc[0]
        return str(row["new_unit_code"]), row["succeeded_on"].date()


@lru_cache(maxsize=1)
def load_catalog() -> Catalog:
    """The catalog as shipped with the program. Do not change its frames: they are shared."""
    raw = yaml.safe_load((Path(__file__).parent / "catalog.yml").read_text(encoding="utf-8"))
    procedures, successions = _procedures(raw.pop("procedures"), raw.pop("land_law"))
    return Catalog(
        units=_units(raw.pop("units")),
        unit_successions=_unit_successions(raw.pop("unit_successions")),
        procedures=procedures,
        procedure_successions=successions,
        fields=pd.DataFrame(raw.pop("fields")).rename(columns={"code": "field_code", "name": "field_name"}),
        settings=raw,
    )


def _dates(frame: pd.DataFrame) -> pd.DataFrame:
    """Every ``_on`` column as datetime64[s]; a date that is not there is NaT."""
    for column in frame.columns[frame.columns.str.endswith("_on")]:
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    return frame


def _units(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return _dates(
        pd.DataFrame(
            {
                "unit_code": row["code"],
                "unit_name": row["name"],
                "level": row["level"],
                "kind": row.get("kind", "own"),
                "parent_unit_code": row.get("parent"),
                "valid_from_on": row.get("from", UNITS_SINCE),
                "valid_to_on": row.get("to"),
            }
            for row in rows
        )
    )


def _unit_successions(rows: list[dict[str, Any]]) -> pd.DataFrame:
    names = {"old": "old_unit_code", "new": "new_unit_code", "since": "succeeded_on"}
    names["source"] = "legal_source"
    return _dates(pd.DataFrame(rows).rename(columns=names))


def _procedure(row: dict[str, Any], version: dict[str, Any], dates: dict[str, Any]) -> dict[str, Any]:
    stages = version.get("stages", [None, None])
    return {
        "procedure_code": version["code"],
        "procedure_name": row["name"],
        "field_code": row["field"],
        "level": row.get("level", "province"),
        "limit_value": float(version["days"]),
        "limit_unit": version.get("unit", "working_day"),
        "stage_1_days": stages[0],
        "stage_2_days": stages[1],
        "has_paper_result": row.get("has_paper_result", True),
        **dates,
        **{name: version[name] for name in dates if name in version},
        "weight": row["weight"],
        "pause_reason": row.get("pause"),
        "only_unit_code": row.get("units", [None])[0],
    }


def _procedures(rows: list[dict[str, Any]], law: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Procedures (a land procedure twice: before and after the new law) and who succeeded whom."""
    since: dict[str, Any] = {
        "valid_from_on": PROCEDURES_SINCE,
        "valid_to_on": None,
        "decided_on": date(2018, 12, 14),
        "law_effective_on": date(2019, 1, 1),
        "published_on": date(2018, 12, 20),
    }
    last_old_day = date.fromordinal(law["since"].toordinal() - 1)
    new_dates = {
        "valid_from_on": law["since"],
        "valid_to_on": None,
        **{name: law[name] for name in ("decided_on", "law_effective_on", "published_on")},
    }
    made, successions = [], []
    for row in rows:
        if "now" in row:
            made.append(_procedure(row, row["now"], since))
            continue
        made.append(_procedure(row, row["old"], {**since, "valid_to_on": last_old_day}))
        made.append(_procedure(row, row["new"], new_dates))
        successions.append(
            {
                "old_procedure_code": row["old"]["code"],
                "new_procedure_code": row["new"]["code"],
                "succeeded_on": law["since"],
                "legal_source": law["source"],
            }
        )
    frame = _dates(pd.DataFrame(made))
    frame[["stage_1_days", "stage_2_days"]] = frame[["stage_1_days", "stage_2_days"]].astype("float64")
    frame.insert(0, "procedure_no", range(len(frame)))
    return frame, _dates(pd.DataFrame(successions))
