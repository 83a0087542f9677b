"""What units typed back and sent up: causes of delays, quarterly figures, and targets of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.catalog import COMMUNE, DEPARTMENT, LAND_OFFICE, TAX, Catalog, load_catalog
from dagster_project.sample.officers import FIRST_ON, Numbers
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import add_working_days, next_working_day

Moments = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]

_REVIEWED_SHARE = 0.52
# Cause of a delay by who held the dossier when it fell due: code and weight, codes as in the list of causes.
_CAUSES: dict[str, dict[str, float]] = {
    "tax": {"tax_wait": 0.85, "two_systems": 0.08, "unknown": 0.07},
    "commune": {"partner_body": 0.8, "old_maps": 0.15, "unknown": 0.05},
    "survey": {"old_maps": 0.42, "slow_handling": 0.18, "partner_body": 0.12, "surge": 0.12,
               "staff_moved": 0.10, "no_land_price": 0.06},
    "after_tax": {"tax_wait": 0.45, "two_systems": 0.15, "slow_handling": 0.20, "surge": 0.12,
                  "staff_moved": 0.08},
    "after_commune": {"partner_body": 0.6, "old_maps": 0.2, "slow_handling": 0.2},
    "last": {"not_closed": 0.55, "one_stop_software": 0.25, "slow_handling": 0.20},
    "own": {"slow_handling": 0.34, "surge": 0.18, "staff_moved": 0.16, "two_systems": 0.12,
            "one_stop_software": 0.08, "no_land_price": 0.05, "unknown": 0.07},
}  # fmt: skip
_IS_SUBJECTIVE = {"staff_moved": True, "not_closed": True, "slow_handling": True, "unknown": None}
_SURVEY_WORDS = "trích|đo đạc|Thẩm định"
_LAST_WORDS = "Chuyển kết quả|Trả kết quả|Ký"

_FIGURES = (
    "received_online", "received_other", "carried_in", "received_total", "finished_early", "finished_on_time",
    "finished_late", "finished_total", "open_in_time", "open_overdue", "open_total",
)  # fmt: skip
_MISCOUNTED_SHARE = 0.04
_QUARTERS = [f"{year}Q{quarter}" for year in (2022, 2023, 2024, 2025) for quarter in (1, 2, 3, 4)][3:]
_NEVER = np.datetime64("2200-01-01T00:00:00", "s")


def make_reviews(
    options: Options, catalog: Catalog, dossiers: pd.DataFrame, steps: pd.DataFrame, due_dates: pd.DataFrame
) -> pd.DataFrame:
    """Reviews of about half the dossiers that ended late, held in the quarter after. Out: one row per review,

    dossier_no, reviewed_on, unit_code (resolving), officer_no (who held the dossier when it fell due, else
    who is responsible), cause_code, is_subjective (True, False, None), remedy_due_on.
    """
    rng = stream(options, "reviews")
    due_at = _due_known(len(dossiers), due_dates, dossiers["finished_at"].to_numpy())
    finished_at = dossiers["finished_at"].to_numpy()
    is_late = dossiers["outcome"].isin(["done", "refused"]).to_numpy() & (_day(finished_at) > _day(due_at))
    late = np.flatnonzero(is_late)
    late = late[rng.random(len(late)) < _REVIEWED_SHARE]
    reviewed_on = _review_days(rng, finished_at[late])
    is_held = reviewed_on <= options.last_day
    late, reviewed_on = late[is_held], reviewed_on[is_held]
    holder = _holders(len(dossiers), late, steps, due_at)
    cause = _causes(rng, holder["kind"].to_numpy()[late])
    own = holder["officer_no"].to_numpy()[late]
    responsible = dossiers["officer_no"].to_numpy()[late]
    remedy_due_on = add_working_days(reviewed_on, rng.integers(5, 21, len(late)))
    return pd.DataFrame(
        {
            "dossier_no": dossiers["dossier_no"].to_numpy()[late],
            "reviewed_on": reviewed_on.astype("datetime64[s]"),
            "unit_code": dossiers["unit_code"].to_numpy()[late],
            "officer_no": np.where(own >= 0, own, responsible),
            "cause_code": cause,
            "is_subjective": np.array([_IS_SUBJECTIVE.get(code, False) for code in cause], dtype=object),
            "remedy_due_on": remedy_due_on.astype("datetime64[s]"),
        }
    )


def make_reported_figures(options: Options, dossiers: pd.DataFrame, due_dates: pd.DataFrame) -> pd.DataFrame:
    """What the department sent for each quarter that was over by then, in form II.06. Out: one row per

    unit_code (each of the department's units, its own dossiers), field_code ('all' or a field it had dossiers
    in), period ('2023Q1'), calendar ('cal', 'rep') and figure_code (the eleven counts of the form), value,
    is_miscounted: a few counts are off by one to three, so that their lines do not add up.
    """
    rng = stream(options, "reported_figures")
    catalog = load_catalog()
    lines = _Lines.of(dossiers, catalog.below(DEPARTMENT), list(catalog.fields["field_code"]))
    counted = pd.concat(
        [_quarter(lines, quarter, due_dates) for quarter in _quarters(options)], ignore_index=True
    )
    keys = ["unit_code", "field_code", "period", "calendar"]
    long = counted.melt(keys, list(_FIGURES), "figure_code", "value", ignore_index=False)
    long = long.sort_index(kind="stable").reset_index(drop=True)
    wrong_line = rng.random(len(counted)) < _MISCOUNTED_SHARE
    wrong = np.flatnonzero(wrong_line) * len(_FIGURES) + rng.integers(0, len(_FIGURES), wrong_line.sum())
    value = long["value"].to_numpy().copy()
    by = rng.integers(1, 4, len(wrong))
    value[wrong] += np.where((value[wrong] > by) & (rng.random(len(wrong)) < 0.6), -by, by)
    return long.assign(value=value, is_miscounted=np.isin(np.arange(len(long)), wrong))


def make_local_targets(options: Options, catalog: Catalog) -> pd.DataFrame:
    """Targets that the department set for its own branches and divisions; a unit's own dossiers are meant.

    Out: indicator_code, unit_code, field_code, procedure_level ('all': any), period (a year), value (0 to 1),
    legal_source.
    """
    late = catalog.settings["late_share"]
    source = "Kế hoạch cải cách hành chính năm {} của Sở, chỉ tiêu giao cho đơn vị (giả định)"
    rows: list[tuple[str, str, str, str, float]] = []
    for code in catalog.branches:
        # Nobody is asked for a miracle: the weakest branches are to get to 95, the others to 98 percent.
        is_weak = late[code] > 0.1
        rows.append(("OT_06", code, "land", "2023", 0.90 if is_weak else 0.95))
        rows.append(("OT_06", code, "land", "2024", 0.95 if is_weak else 0.98))
        rows.append(("ONLINE", code, "all", "2024", 0.35))
    rows.append(("OT_06", LAND_OFFICE, "surveying", "2024", 0.98))
    names = ["indicator_code", "unit_code", "field_code", "period", "value"]
    targets = pd.DataFrame(rows, columns=names)
    targets.insert(3, "procedure_level", "all")
    return targets.assign(legal_source=[source.format(period) for period in targets["period"]])


# --------------------------------------------------------------------------- reviews


def _day(moments: Moments) -> npt.NDArray[np.datetime64]:
    return moments.astype("datetime64[D]")


def _due_known(count: int, due_dates: pd.DataFrame, known_by: Any) -> Moments:
    """Due date of each dossier number as known at a moment (one, or one per dossier); NaT: none by then.

    ``due_dates`` stand by dossier and, within it, by ``known_from_at``.
    """
    number = due_dates["dossier_no"].to_numpy()
    limit = known_by if np.ndim(known_by) == 0 else known_by[number]
    known = np.flatnonzero(due_dates["known_from_at"].to_numpy() <= limit)
    number = number[known]
    is_last = np.append(number[1:] != number[:-1], True)[: len(number)]
    due_at = np.full(count, "NaT", dtype="datetime64[s]")
    due_at[number[is_last]] = due_dates["due_at"].to_numpy()[known[is_last]]
    return due_at


def _review_days(rng: np.random.Generator, finished_at: Moments) -> npt.NDArray[np.datetime64]:
    """A working day in the first seven weeks of the quarter after the finish."""
    months = finished_at.astype("datetime64[M]").astype(np.int64)
    quarter_starts = ((months // 3 + 1) * 3).astype("datetime64[M]").astype("datetime64[D]")
    return next_working_day(quarter_starts + rng.integers(4, 49, len(finished_at)))


def _holders(count: int, late: Numbers, steps: pd.DataFrame, due_at: Moments) -> pd.DataFrame:
    """Who held each late dossier when it fell due, by its number: kind of holder, officer_no (-1: none)."""
    is_asked = np.zeros(count, dtype=bool)
    is_asked[late] = True
    asked = steps[is_asked[steps["dossier_no"].to_numpy()]]
    due = due_at[asked["dossier_no"].to_numpy()]
    started, finished = asked["started_at"].to_numpy(), asked["finished_at"].to_numpy()
    held = asked[(started <= due) & (np.isnat(finished) | (finished > due))]
    held = held.drop_duplicates("dossier_no", keep="last")
    number, unit = held["dossier_no"].to_numpy(), held["unit_code"].astype(str).to_numpy()
    been_at = {
        code: np.isin(number, asked.loc[asked["unit_code"] == code, "dossier_no"]) for code in (TAX, COMMUNE)
    }
    is_last, is_survey = (
        held["step_name"].astype(str).str.contains(word) for word in (_LAST_WORDS, _SURVEY_WORDS)
    )
    # A wait outside moves the due date; units still name it as the cause of what came after.
    kind = np.select(
        [unit == TAX, unit == COMMUNE, is_last, been_at[TAX], been_at[COMMUNE], is_survey],
        ["tax", "commune", "last", "after_tax", "after_commune", "survey"],
        "own",
    )
    kinds = np.full(count, "own", dtype=object)
    officer_no = np.full(count, -1, dtype=np.int64)
    kinds[number] = kind
    officer_no[number] = held["officer_no"]
    return pd.DataFrame({"kind": kinds, "officer_no": officer_no})


def _causes(rng: np.random.Generator, kinds: Any) -> npt.NDArray[np.object_]:
    causes = np.full(len(kinds), "unknown", dtype=object)
    for kind, weights in _CAUSES.items():
        here = np.flatnonzero(kinds == kind)
        causes[here] = rng.choice(np.array(list(weights), dtype=object), len(here), p=list(weights.values()))
    return causes


# --------------------------------------------------------------------------- reported figures


class _Quarter(NamedTuple):
    calendar: str
    period: str
    first: np.datetime64
    last: np.datetime64


def _quarters(options: Options) -> Iterator[_Quarter]:
    """Quarters that were over before the horizon's last day: a report is written after the period."""
    for period in _QUARTERS:
        first = np.datetime64(f"{period[:4]}-{3 * int(period[-1]) - 2:02d}", "M")
        months = [first, first + 3]
        calendar_days = [month.astype("datetime64[D]") for month in months]
        reported_days = [(month - 1).astype("datetime64[D]") + 14 for month in months]
        for calendar, (start, after) in (("cal", calendar_days), ("rep", reported_days)):
            if after <= options.last_day:
                yield _Quarter(calendar, period, max(start, FIRST_ON), after - 1)


class _Lines(NamedTuple):
    """The department's accepted dossiers and the line (unit, field) that each stands in."""

    number: Numbers
    line: Numbers
    received_on: Any
    finished_at: Moments
    is_online: Flags
    has_no_verdict: Flags
    names: list[tuple[str, str]]
    dossier_count: int

    @classmethod
    def of(cls, dossiers: pd.DataFrame, units: list[str], fields: list[str]) -> _Lines:
        unit_no = pd.Categorical(dossiers["unit_code"].astype(str), units).codes.astype(np.int64)
        is_counted = (unit_no >= 0) & dossiers["received_at"].notna().to_numpy()
        kept = dossiers[is_counted]
        field_no = pd.Categorical(kept["field_code"].astype(str), fields).codes.astype(np.int64)
        return cls(
            kept["dossier_no"].to_numpy(),
            unit_no[is_counted] * len(fields) + field_no,
            _day(kept["received_at"].to_numpy()),
            kept["finished_at"].to_numpy(),
            (kept["channel"] == "online").to_numpy(),
            kept["outcome"].isin(["withdrawn", "stopped"]).to_numpy(),
            [(unit, field) for unit in units for field in fields],
            len(dossiers),
        )


def _quarter(lines: _Lines, quarter: _Quarter, due_dates: pd.DataFrame) -> pd.DataFrame:
    """The form for one quarter: a row per unit and field that has a count, and 'all' of each such unit."""
    end = (quarter.last + 1).astype("datetime64[s]")
    finished_on = _day(np.where(np.isnat(lines.finished_at), _NEVER, lines.finished_at))
    is_new = (lines.received_on >= quarter.first) & (lines.received_on <= quarter.last)
    is_carried = (lines.received_on < quarter.first) & (finished_on >= quarter.first)
    is_done = (is_new | is_carried) & (finished_on <= quarter.last)
    is_open = (is_new | is_carried) & ~is_done
    known_by = np.full(lines.dossier_count, end - np.timedelta64(1, "s"))
    known_by[lines.number[is_done]] = lines.finished_at[is_done]
    due_on = _day(_due_known(lines.dossier_count, due_dates, known_by))[lines.number]
    is_judged = is_done & ~lines.has_no_verdict & ~np.isnat(due_on)
    is_early, is_late = is_judged & (finished_on < due_on), is_judged & (finished_on > due_on)
    is_overdue = is_open & (due_on < quarter.last)
    counts = {
        "received_online": is_new & lines.is_online,
        "received_other": is_new & ~lines.is_online,
        "carried_in": is_carried,
        "received_total": is_new | is_carried,
        "finished_early": is_early,
        "finished_on_time": is_done & ~is_early & ~is_late,
        "finished_late": is_late,
        "finished_total": is_done,
        "open_in_time": is_open & ~is_overdue,
        "open_overdue": is_overdue,
        "open_total": is_open,
    }
    form = pd.DataFrame(
        {name: np.bincount(lines.line[flag], minlength=len(lines.names)) for name, flag in counts.items()}
    )
    form[["unit_code", "field_code"]] = lines.names
    form = form[form["received_total"] > 0]
    total = form.groupby("unit_code", as_index=False, sort=False)[list(_FIGURES)].sum()
    both = pd.concat([total.assign(field_code="all"), form], ignore_index=True)
    both = both.sort_values("unit_code", kind="stable", ignore_index=True)
    return both.assign(period=quarter.period, calendar=quarter.calendar)
