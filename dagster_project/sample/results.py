"""Results of the sample: certificates and permits in the result store, their validity and digitization.

The stock was issued before the horizon, the flow by the dossiers done within it. The department digitizes
what it issues more and more, and old papers in campaigns: 21 % of what is valid at the end of 2023, 33 % at
the end of 2024 (its target for 2024 is 30 %), 55 % at the end of 2025 (assumed).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.catalog import DEPARTMENT, Catalog
from dagster_project.sample.officers import FIRST_ON, Days, Numbers
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import is_working_day, previous_working_day

STOCK = 60_000
"""Results in store at the start of the horizon, at scale 1."""

# Digitized share of what is valid in the department at the end of each year (2022 and before: the start).
_DIGITIZED_SHARES = {2022: 0.125, 2023: 0.21, 2024: 0.33, 2025: 0.55}
_STOCK_FROM = np.datetime64("2012-01-10", "D")
_STORE_SINCE = np.datetime64("2019-01-01", "D")
# Not every electronic result finds its way into the store on the day it is signed (assumed).
_AT_ONCE_SHARE = 0.78
_STOCK_NUMBERS = 50_000_000

# Years a permit is valid and how often; fields that are not here have permanent results (assumed).
_VALID_YEARS: dict[str, tuple[tuple[int, ...], tuple[float, ...]]] = {
    "environment": ((5, 7, 10), (0.3, 0.5, 0.2)),
    "minerals": ((5, 10, 15, 20), (0.4, 0.35, 0.15, 0.1)),
    "water": ((5, 7, 10, 15), (0.35, 0.25, 0.3, 0.1)),
    "surveying": ((5,), (1.0,)),
}
# Old papers outside the land field are over-represented: they stay in store, mortgages come and go.
_STOCK_WEIGHTS = {"secured_transactions": 0.6, "environment": 3.0, "minerals": 3.0, "water": 3.0}


def dossier_result_codes(dossier_nos: Numbers) -> npt.NDArray[np.object_]:
    """Code of the result that a dossier issues, from its number alone (for its list of documents)."""
    return _codes(np.asarray(dossier_nos) + 1)


def make_results(
    options: Options, catalog: Catalog, procedures: pd.DataFrame, dossiers: pd.DataFrame
) -> pd.DataFrame:
    """The result store. In: scale, seed, procedures, dossiers with outcome. Out: one row per result,

    result_code, dossier_no (-1: from before the horizon), procedure_code, field_code, unit_code (resolving),
    issued_on, valid_to_on (last day, NaT: permanent), is_permanent, is_electronic, is_digitized, digitized_on
    (NaT: not by the end of the horizon).
    """
    rng = stream(options, "results")
    with_result = procedures["has_paper_result"].to_numpy(dtype=bool)[dossiers["procedure_no"].to_numpy()]
    issuing = dossiers[with_result & (dossiers["outcome"] == "done").to_numpy()]
    flow = _flow(issuing)
    stock = _stock(rng, issuing, round(STOCK * options.scale))
    results = pd.concat([stock, flow], ignore_index=True)
    results = _with_validity(rng, results)
    in_department = results["unit_code"].isin(catalog.below(DEPARTMENT)).to_numpy()
    results["digitized_on"] = _digitized(rng, results, in_department, options.last_day)
    results["is_digitized"] = results["digitized_on"].notna()
    return results[
        ["result_code", "dossier_no", "procedure_code", "field_code", "unit_code", "issued_on", "valid_to_on",
         "is_permanent", "is_electronic", "is_digitized", "digitized_on"]
    ]  # fmt: skip


def _codes(numbers: Numbers) -> npt.NDArray[np.object_]:
    if not len(numbers):
        return np.zeros(0, dtype=object)
    return np.char.add("KQ.G13.", np.char.zfill(numbers.astype("U12"), 8)).astype(object)


def _flow(issuing: pd.DataFrame) -> pd.DataFrame:
    """What done dossiers issued, on the day they were finished."""
    return pd.DataFrame(
        {
            "result_code": dossier_result_codes(issuing["dossier_no"].to_numpy()),
            "dossier_no": issuing["dossier_no"].to_numpy(),
            "procedure_code": issuing["procedure_code"].to_numpy(),
            "field_code": issuing["field_code"].to_numpy(),
            "unit_code": issuing["unit_code"].to_numpy(),
            "issued_on": issuing["finished_at"].to_numpy().astype("datetime64[D]").astype("datetime64[s]"),
            "is_electronic": issuing["has_electronic_result"].to_numpy(dtype=bool),
        }
    )


def _stock(rng: np.random.Generator, issuing: pd.DataFrame, count: int) -> pd.DataFrame:
    """Results from before the horizon, like those of its first months by unit and procedure."""
    early = issuing[issuing["received_at"] < pd.Timestamp("2023-06-01")]
    if early.empty:
        count = 0
    weights = early["field_code"].astype(str).map(_STOCK_WEIGHTS).fillna(1.0).to_numpy()
    like = early.iloc[_draw(rng, weights, count)]
    span = (FIRST_ON - _STOCK_FROM).astype(np.int64)
    age = np.floor(span * rng.random(count) ** 1.4).astype(np.int64)  # more of the younger years
    issued_on = previous_working_day(FIRST_ON - 1 - age)
    order = np.argsort(issued_on, kind="stable")
    return pd.DataFrame(
        {
            "result_code": _codes(_STOCK_NUMBERS + np.arange(count)),
            "dossier_no": np.full(count, -1, dtype=np.int64),
            "procedure_code": like["procedure_code"].to_numpy(),
            "field_code": like["field_code"].to_numpy(),
            "unit_code": like["unit_code"].to_numpy(),
            "issued_on": issued_on[order].astype("datetime64[s]"),
            "is_electronic": (issued_on[order] >= np.datetime64("2021-06-01")) & (rng.random(count) < 0.08),
        }
    )


def _draw(rng: np.random.Generator, weights: npt.NDArray[np.float64], count: int) -> Numbers:
    if not count:
        return np.zeros(0, dtype=np.int64)
    bounds = np.cumsum(weights)
    rows: Numbers = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")
    return rows


def _with_validity(rng: np.random.Generator, results: pd.DataFrame) -> pd.DataFrame:
    """Permits end some years after their issue, on the day before; everything else is permanent."""
    fields = results["field_code"].astype(str).to_numpy(dtype=object)
    issued_on = results["issued_on"].to_numpy().astype("datetime64[D]")
    years = np.zeros(len(results), dtype=np.int64)
    for field, (choices, shares) in _VALID_YEARS.items():
        here = fields == field
        years[here] = rng.choice(choices, int(here.sum()), p=shares)
    month = issued_on.astype("datetime64[M]")
    in_month = (issued_on - month.astype("datetime64[D]")).astype(np.int64)
    ends = (month + 12 * years).astype("datetime64[D]") + in_month - 1
    ends[years == 0] = np.datetime64("NaT", "D")
    return results.assign(valid_to_on=ends.astype("datetime64[s]"), is_permanent=years == 0)


def _digitized(
    rng: np.random.Generator,
    results: pd.DataFrame,
    in_department: npt.NDArray[np.bool_],
    last_day: np.datetime64,
) -> npt.NDArray[np.datetime64]:
    """Day of digitization of each result: most electronic ones at once, others as the shares demand.

    The districts follow the department's course without an aim of their own.
    """
    issued_on, valid_to_on = (
        results[name].to_numpy().astype("datetime64[D]") for name in ("issued_on", "valid_to_on")
    )
    at_once = results["is_electronic"].to_numpy() & (rng.random(len(results)) < _AT_ONCE_SHARE)
    digitized_on = np.where(at_once, np.maximum(issued_on, _STORE_SINCE), np.datetime64("NaT", "D"))
    start = _STORE_SINCE
    for year, share in _DIGITIZED_SHARES.items():
        end = np.datetime64(f"{year}-12-31", "D")
        if end > last_day:
            break
        is_valid = (issued_on <= end) & (np.isnat(valid_to_on) | (valid_to_on >= end))
        for group in (in_department, ~in_department):
            missing = _missing(share, is_valid & group, digitized_on, end)
            paper = np.flatnonzero(is_valid & group & np.isnat(digitized_on))
            # New papers are at hand, old ones must be fetched: three times as likely to be taken.
            pull = rng.random(len(paper)) / np.where(issued_on[paper] >= start, 3.0, 1.0)
            taken = paper[np.argsort(pull, kind="stable")[: max(missing, 0)]]
            digitized_on[taken] = _campaign_days(rng, np.maximum(issued_on[taken], start), end, last_day)
        start = end + 1
    return digitized_on.astype("datetime64[s]")


def _missing(share: float, is_valid: npt.NDArray[np.bool_], digitized_on: Days, end: np.datetime64) -> int:
    has = int((is_valid & (digitized_on <= end)).sum())
    return round(share * int(is_valid.sum())) - has


def _campaign_days(
    rng: np.random.Generator, first: Days, last: np.datetime64, last_day: np.datetime64
) -> Days:
    """A working day from each first day to the last one, evenly; the first day itself if there is none."""
    days = np.arange(_STORE_SINCE, last_day + 1)
    days = days[is_working_day(days)]
    low = np.searchsorted(days, first)
    high = np.maximum(np.searchsorted(days, last, side="right"), low + 1)
    number = low + np.floor(rng.random(len(first)) * (high - low)).astype(np.int64)
    chosen: Days = np.where(number < len(days), days[np.minimum(number, len(days) - 1)], first)
    return np.maximum(chosen, first)
