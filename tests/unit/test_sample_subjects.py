"""Officers, correspondence, results, petitions and reviews of the sample department."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dagster_project.sample.catalog import DEPARTMENT, load_catalog
from dagster_project.sample.documents import make_documents
from dagster_project.sample.officers import draw_valid, make_officers
from dagster_project.sample.options import FIRST_ON, LAST_ON, Options
from dagster_project.sample.people import (
    MAX_NAME_LETTERS,
    applicant_names,
    identity_numbers,
    phone_numbers,
    unique_names,
)
from dagster_project.sample.petitions import make_petitions
from dagster_project.sample.results import dossier_result_codes, make_results
from dagster_project.sample.reviews import make_local_targets, make_reported_figures, make_reviews
from dagster_project.sample.workdays import is_working_day

SEEDS = Path(__file__).parents[2] / "dbt" / "seeds"
OPTIONS = Options(scale=0.2)
CATALOG = load_catalog()
OPEN = pd.Timestamp("2100-01-01")


def seed_rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def moments(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts)).astype("datetime64[s]")


def tiny_dossiers(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    frame["finished_at"] = moments(*frame["finished_at"])
    frame["received_at"] = moments(*frame["received_at"])
    frame.insert(0, "dossier_no", np.arange(len(frame)))
    return frame


@pytest.fixture(scope="module")
def officers() -> pd.DataFrame:
    return make_officers(OPTIONS, CATALOG)[0]


@pytest.fixture(scope="module")
def registers(officers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_documents(OPTIONS, CATALOG, officers)


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Eight thousand dossiers, their first due dates and one step each, nothing like real ones."""
    rng = np.random.default_rng(7)
    count = 8_000
    procedures = CATALOG.procedures
    number = rng.integers(0, len(procedures), count)
    units = np.array([*CATALOG.branches, *CATALOG.districts], dtype=object)
    received = np.datetime64("2022-10-03T09:00", "s") + np.sort(rng.integers(0, 800, count)) * np.timedelta64(
        1, "D"
    )
    due = received.astype("datetime64[D]") + 10 + np.timedelta64(17, "h").astype("timedelta64[s]")
    finished = received + rng.integers(1, 14, count) * np.timedelta64(1, "D")
    dossiers = pd.DataFrame(
        {
            "dossier_no": np.arange(count),
            "procedure_no": number,
            "procedure_code": procedures["procedure_code"].to_numpy()[number],
            "field_code": procedures["field_code"].to_numpy()[number],
            "unit_code": units[rng.integers(0, len(units), count)],
            "channel": rng.choice(["online", "counter"], count),
            "officer_no": rng.integers(0, 100, count),
            "received_at": received,
            "finished_at": finished,
            "outcome": rng.choice(["done", "refused", "withdrawn"], count, p=[0.95, 0.02, 0.03]),
            "has_electronic_result": rng.random(count) < 0.4,
        }
    )
    due_dates = pd.DataFrame({"dossier_no": np.arange(count), "due_at": due, "known_from_at": received})
    steps = pd.DataFrame(
        {
            "dossier_no": np.arange(count),
            "step_name": "Kiểm tra hồ sơ",
            "unit_code": np.where(rng.random(count) < 0.3, "TAX.H11", dossiers["unit_code"]),
            "officer_no": -1,
            "started_at": received,
            "finished_at": finished,
        }
    )
    return dossiers, due_dates, steps


class TestPeople:
    def test_names_are_different_short_and_composed(self) -> None:
        names = unique_names(np.random.default_rng(1), 2_000)
        assert len(set(names)) == 2_000
        assert all(len(name) <= MAX_NAME_LETTERS and len(name.split()) >= 3 for name in names)
        assert all(unicodedata.is_normalized("NFC", name) for name in names)

    def test_more_names_than_there_are_is_refused(self) -> None:
        with pytest.raises(ValueError, match="more than the lists"):
            unique_names(np.random.default_rng(1), 10_000_000)

    def test_an_applicant_is_called_the_same_in_every_export(self) -> None:
        names = applicant_names(np.arange(1_000))
        assert list(names[[5, 77]]) == list(applicant_names(np.array([5, 77])))
        assert len(set(names)) > 900
        assert all(unicodedata.is_normalized("NFC", name) for name in names)

    def test_numbers_look_real_and_can_be_nobodys(self) -> None:
        numbers = np.array([0, 7, 123_456_789])
        phones = pd.Series(phone_numbers(numbers))
        identities = pd.Series(identity_numbers(numbers))
        assert len(phone_numbers(numbers[:0])) == len(identity_numbers(numbers[:0])) == 0
        assert phones.str.fullmatch(r"01\d{8}").all()
        assert list(identities) == ["000000000000", "000000000007", "000123456789"]


class TestOfficers:
    def test_draw_takes_only_what_is_valid_that_day(self) -> None:
        starts = np.array(["2023-01-01", "2023-07-01", "2023-01-01"], dtype="datetime64[D]")
        ends = np.array(["2023-06-30", "NaT", "NaT"], dtype="datetime64[D]")
        days = np.array(["2023-06-30", "2023-07-01"] * 200, dtype="datetime64[D]")
        rows = draw_valid(np.random.default_rng(1), starts, ends, [3, 1, 0], days)
        assert set(rows[::2]) == {0}
        assert set(rows[1::2]) == {1}

    def test_draw_says_when_nothing_is_valid(self) -> None:
        start = np.array(["2023-01-02"], dtype="datetime64[D]")
        for day in ("2023-01-01", "2023-01-06"):
            with pytest.raises(ValueError, match="nothing is valid"):
                draw_valid(
                    np.random.default_rng(1), start, start + 3, [1], np.array([day], dtype="datetime64[D]")
                )

    def test_about_330_people_never_in_two_posts_at_once(self, officers: pd.DataFrame) -> None:
        assert 310 <= officers["officer_name"].nunique() <= 350
        assert list(officers["officer_no"]) == list(range(len(officers)))
        by_name = officers.sort_values(["officer_name", "joined_on"])
        before = by_name.groupby("officer_name")["left_on"].shift().fillna(pd.Timestamp("1990-01-01"))
        is_first = ~by_name["officer_name"].duplicated()
        assert (is_first | ((by_name["joined_on"] > before) & before.gt(pd.Timestamp("2000-01-01")))).all()

    def test_every_unit_is_staffed_on_every_day_it_stands(self, officers: pd.DataFrame) -> None:
        units = CATALOG.units[(CATALOG.units["kind"] == "own") & (CATALOG.units["unit_code"] != "H11")]
        for day in pd.date_range(FIRST_ON, LAST_ON, freq="17D"):
            standing = units[(units["valid_from_on"] <= day) & (units["valid_to_on"].fillna(OPEN) >= day)]
            there = officers[(officers["joined_on"] <= day) & (officers["left_on"].fillna(OPEN) >= day)]
            assert set(there["unit_code"]) == set(standing["unit_code"])
            assert there.groupby("unit_code").size().min() >= 3

    def test_people_of_merged_divisions_go_on_in_the_new_one(self, officers: pd.DataFrame) -> None:
        gone = officers[(officers["left_on"] == pd.Timestamp("2023-06-30"))]
        gone = gone[gone["unit_code"].isin(["000.06.13.H11", "000.07.13.H11"])]
        new = officers[officers["unit_code"] == "000.09.13.H11"]
        assert len(gone) >= 10
        assert set(gone["officer_name"]) == set(
            new.loc[new["joined_on"] == pd.Timestamp("2023-07-01"), "officer_name"]
        )
        assert (new["position"] == "Trưởng phòng").sum() == 1

    def test_some_join_and_leave_within_the_horizon(self, officers: pd.DataFrame) -> None:
        assert officers["left_on"].notna().sum() > 30
        assert (officers["joined_on"] > pd.Timestamp(FIRST_ON)).sum() > 30
        assert officers["left_on"].max() <= pd.Timestamp(LAST_ON)

    def test_filled_posts_are_the_people_there_at_the_end_of_the_year(self) -> None:
        officers, posts = make_officers(OPTIONS, CATALOG)
        end = pd.Timestamp("2023-12-31")
        there = officers[(officers["joined_on"] <= end) & (officers["left_on"].fillna(OPEN) >= end)]
        in_2023 = posts[posts["year"] == 2023].set_index("unit_code")
        assert in_2023["posts_filled"].to_dict() == there.groupby("unit_code").size().to_dict()
        assert (posts["posts_assigned"] >= posts["posts_filled"]).all()
        assert "000.06.13.H11" not in in_2023.index


class TestDocuments:
    def test_2023_has_the_published_totals_at_every_scale(
        self, registers: Any, officers: pd.DataFrame
    ) -> None:
        documents, _ = registers
        totals = documents[documents["registered_on"].dt.year == 2023].groupby("direction").size()
        assert totals.to_dict() == {"in": 24_201, "out": 10_016}
        pd.testing.assert_frame_equal(documents, make_documents(Options(scale=5), CATALOG, officers)[0])

    def test_numbers_run_without_gaps_in_the_order_of_days(self, registers: Any) -> None:
        documents, _ = registers
        assert (documents["register_year"] == documents["registered_on"].dt.year).all()
        for (_, year), book in documents.groupby(["direction", "register_year"]):
            first = book["register_no"].iloc[0]
            assert list(book["register_no"]) == list(range(first, first + len(book)))
            assert book["registered_on"].is_monotonic_increasing
            assert (first == 1) == (year != 2022)

    def test_days_are_worked_and_tet_is_quiet(self, registers: Any) -> None:
        documents, _ = registers
        assert is_working_day(documents["registered_on"].to_numpy()).all()
        per_day = documents[documents["direction"] == "in"].groupby("registered_on").size()
        near_tet = per_day[per_day.index.to_series().between("2023-01-12", "2023-02-01")]
        in_spring = per_day[per_day.index.to_series().between("2023-03-01", "2023-04-27")]
        assert near_tet.mean() < 0.65 * in_spring.mean()

    def test_answers_are_outgoing_documents_of_that_day(self, registers: Any) -> None:
        documents, _ = registers
        outgoing = documents[documents["direction"] == "out"]
        known = set(zip(outgoing["code_text"], outgoing["registered_on"], strict=True))
        answered = documents[documents["answered_on"].notna()]
        assert set(zip(answered["answer_code"], answered["answered_on"], strict=True)) <= known
        assert documents["answer_code"].notna().equals(documents["answered_on"].notna())
        assert (answered["direction"] == "in").all()
        assert (answered["answered_on"] > answered["registered_on"]).mean() > 0.95
        assert outgoing.groupby("register_year")["code_text"].apply(lambda codes: codes.is_unique).all()

    def test_shares_of_due_late_and_shared_documents(self, registers: Any) -> None:
        documents, handlers = registers
        incoming = documents[documents["direction"] == "in"]
        asked = incoming[incoming["due_on"].notna()]
        assert len(asked) / len(incoming) == pytest.approx(0.35, abs=0.01)
        assert (asked["answered_on"] > asked["due_on"]).mean() == pytest.approx(0.07, abs=0.01)
        assert asked["answered_on"].isna().mean() == pytest.approx(0.03, abs=0.01)
        shared = handlers.loc[handlers["role"] == "co", "document_no"]
        assert shared.nunique() / len(incoming) == pytest.approx(0.30, abs=0.01)
        assert shared.value_counts().max() == 3
        assert shared.isin(incoming["document_no"]).all()

    def test_one_main_handler_and_nobody_twice(self, registers: Any) -> None:
        documents, handlers = registers
        main = handlers[handlers["role"] == "main"]
        assert list(main["document_no"]) == list(documents["document_no"])
        assert list(main["officer_no"]) == list(documents["main_officer_no"])
        assert not handlers.duplicated(["document_no", "officer_no", "handler_unit_code"]).any()
        assert ((handlers["officer_no"] == -1) == handlers["handler_unit_code"].notna()).all()

    def test_handlers_are_in_post_in_a_division_that_day(
        self, registers: Any, officers: pd.DataFrame
    ) -> None:
        documents, handlers = registers
        persons = handlers[handlers["officer_no"] >= 0].merge(officers, on="officer_no")
        days = documents.set_index("document_no")["registered_on"].loc[persons["document_no"]].to_numpy()
        assert (persons["joined_on"].to_numpy() <= days).all()
        assert (persons["left_on"].fillna(OPEN).to_numpy() >= days).all()
        assert not set(persons["unit_code"]) & {*CATALOG.branches, *CATALOG.districts}
        load = documents["main_officer_no"].value_counts()
        assert load.max() > 3 * load.mean()


class TestResults:
    @pytest.fixture(scope="class")
    def results(self, world: Any) -> pd.DataFrame:
        return make_results(OPTIONS, CATALOG, CATALOG.procedures, world[0])

    def test_stock_and_one_result_per_done_dossier(self, results: pd.DataFrame, world: Any) -> None:
        dossiers = world[0]
        has_paper = CATALOG.procedures["has_paper_result"].to_numpy()[dossiers["procedure_no"]]
        issuing = dossiers[(dossiers["outcome"] == "done") & has_paper]
        flow = results[results["dossier_no"] >= 0]
        assert (results["dossier_no"] == -1).sum() == 60_000 * OPTIONS.scale
        assert list(flow["dossier_no"]) == list(issuing["dossier_no"])
        assert list(flow["issued_on"]) == list(issuing["finished_at"].dt.normalize())
        assert list(flow["result_code"]) == list(dossier_result_codes(issuing["dossier_no"].to_numpy()))
        assert results["result_code"].is_unique
        assert results.loc[results["dossier_no"] == -1, "issued_on"].between("2012-01-01", "2022-09-30").all()

    @pytest.mark.parametrize(("day", "share"), [("2023-12-31", 0.21), ("2024-12-31", 0.33)])
    def test_digitized_share_of_what_is_valid(self, results: pd.DataFrame, day: str, share: float) -> None:
        end = pd.Timestamp(day)
        own = results[results["unit_code"].isin(CATALOG.below(DEPARTMENT)) & (results["issued_on"] <= end)]
        valid = own[own["is_permanent"] | (own["valid_to_on"] >= end)]
        assert (valid["digitized_on"] <= end).mean() == pytest.approx(share, abs=0.005)

    def test_validity_by_field(self, results: pd.DataFrame) -> None:
        assert results.loc[results["field_code"] == "land", "is_permanent"].all()
        permits = results[results["field_code"].isin(["environment", "minerals", "water"])]
        years = (permits["valid_to_on"] - permits["issued_on"]).dt.days / 365.25
        assert years.between(4.9, 20.1).all()
        assert results["valid_to_on"].isna().equals(results["is_permanent"])
        assert results["valid_to_on"].between(pd.Timestamp(FIRST_ON), pd.Timestamp(LAST_ON)).any()

    def test_digitized_after_issue_and_within_the_horizon(self, results: pd.DataFrame) -> None:
        digitized = results[results["is_digitized"]]
        assert (digitized["digitized_on"] >= digitized["issued_on"]).all()
        assert digitized["digitized_on"].max() <= pd.Timestamp(LAST_ON)
        assert results["is_digitized"].equals(results["digitized_on"].notna())

    def test_a_department_without_dossiers_has_no_results(self, world: Any) -> None:
        none = world[0].iloc[:0]
        assert len(make_results(OPTIONS, CATALOG, CATALOG.procedures, none)) == 0


class TestPetitions:
    def test_nothing_lies_after_the_last_moment_or_before_what_it_follows(self) -> None:
        petitions = make_petitions(OPTIONS, CATALOG)
        assert petitions["petition_code"].is_unique
        for column in ("sent_at", "accepted_at", "transferred_at", "answered_at"):
            assert petitions[column].max() <= pd.Timestamp(Options().last_moment)
        assert not (petitions["accepted_at"] <= petitions["sent_at"]).any()
        assert petitions["accepted_at"].notna().mean() > 0.98
        assert not (petitions["answered_at"] <= petitions["accepted_at"]).any()
        assert not (petitions["transferred_at"] <= petitions["accepted_at"]).any()

    def test_some_are_late_some_passed_on_and_only_answered_ones_are_judged(self) -> None:
        petitions = make_petitions(OPTIONS, CATALOG)
        assert set(petitions["petition_type"]) == {"PAKN", "khiếu nại", "tố cáo", "kiến nghị cử tri"}
        assert 0.02 < (petitions["answered_at"] > petitions["due_at"]).mean() < 0.15
        assert not (petitions["transferred_at"].notna() & petitions["answered_at"].notna()).any()
        judged = petitions[petitions["is_satisfied"].notna()]
        assert judged["answered_at"].notna().all()
        assert {True, False} == set(judged["is_satisfied"])


class TestReviews:
    def test_about_half_of_the_late_ones_in_the_quarter_after(self, world: Any) -> None:
        dossiers, due_dates, steps = world
        reviews = make_reviews(OPTIONS, CATALOG, dossiers, steps, due_dates)
        reviewed = dossiers.loc[reviews["dossier_no"]]
        due = due_dates["due_at"].loc[reviews["dossier_no"]].dt.normalize()
        assert (reviewed["finished_at"].dt.normalize() > due).all()
        assert set(reviewed["outcome"]) <= {"done", "refused"}
        quarters = reviews["reviewed_on"].dt.to_period("Q").to_numpy() - 1
        assert list(quarters) == list(reviewed["finished_at"].dt.to_period("Q"))
        assert reviews["reviewed_on"].max() <= pd.Timestamp(LAST_ON)
        late = dossiers["finished_at"].dt.normalize() > due_dates["due_at"].dt.normalize()
        late &= dossiers["outcome"].isin(["done", "refused"]) & (dossiers["finished_at"] < "2024-09-30")
        assert 0.45 < len(reviews) / late.sum() < 0.6
        assert (reviews["officer_no"] >= 0).all()

    def test_causes_are_those_of_the_list_and_follow_the_holder(self, world: Any) -> None:
        dossiers, due_dates, steps = world
        reviews = make_reviews(OPTIONS, CATALOG, dossiers, steps, due_dates)
        known = {row["cause_code"]: row["is_subjective"] for row in seed_rows("delay_causes")}
        said = {None: "", True: "true", False: "false"}
        for row in reviews.itertuples():
            assert known[row.cause_code] == said[row.is_subjective]
        at_tax = steps["unit_code"].loc[reviews["dossier_no"]].to_numpy() == "TAX.H11"
        assert (reviews.loc[at_tax, "cause_code"] == "tax_wait").mean() > 0.7
        assert not (reviews.loc[~at_tax, "cause_code"] == "tax_wait").any()


class TestReportedFigures:
    def figures(self, period: str, calendar: str) -> dict[str, int]:
        """Six dossiers of one branch, one of a district; due dates move for some of them."""
        branch = {"unit_code": "001.10.13.H11", "field_code": "land", "channel": "counter", "outcome": "done"}
        dossiers = tiny_dossiers(
            [
                {
                    **branch,
                    "received_at": "2023-01-10",
                    "finished_at": "2023-01-12",
                    "channel": "online",
                },  # early
                {
                    **branch,
                    "received_at": "2023-03-20",
                    "finished_at": "2023-04-05",
                },  # late by the first due date
                {
                    **branch,
                    "received_at": "2023-03-21",
                    "finished_at": "2023-05-05",
                },  # on the re-appointed day
                {**branch, "received_at": "2023-04-02", "finished_at": "2023-05-31", "outcome": "withdrawn"},
                {**branch, "received_at": "2023-06-01", "finished_at": None, "outcome": "open"},  # overdue
                {**branch, "received_at": "2023-06-15", "finished_at": None, "outcome": "open"},
                {**branch, "received_at": "2023-04-20", "finished_at": None, "unit_code": "000.00.21.H11"},
                {**branch, "received_at": None, "finished_at": None, "outcome": "not_accepted"},
            ]
        )
        due_dates = pd.DataFrame(
            [
                (0, "2023-01-20", "2023-01-10"),
                (1, "2023-04-01", "2023-03-20"),
                (1, "2023-04-20", "2023-04-06"),  # told after the finish: changes nothing
                (2, "2023-04-01", "2023-03-21"),
                (2, "2023-05-05", "2023-04-01"),
                (3, "2023-04-10", "2023-04-02"),
                (4, "2023-06-10", "2023-06-01"),
                (4, "2023-07-30", "2023-07-02"),  # not yet known at the end of the quarter
                (5, "2023-06-30", "2023-06-15"),
                (6, "2023-04-21", "2023-04-20"),
            ],
            columns=["dossier_no", "due_at", "known_from_at"],
        )
        for column in ("due_at", "known_from_at"):
            due_dates[column] = moments(*due_dates[column])
        for seed in range(20):  # a seed that miscounts nothing
            figures = make_reported_figures(Options(seed=seed), dossiers, due_dates)
            if not figures["is_miscounted"].any():
                break
        assert set(figures["unit_code"]) == {"001.10.13.H11"}
        here = figures[(figures["period"] == period) & (figures["calendar"] == calendar)]
        lines: dict[str, dict[str, int]] = {
            field: dict(zip(line["figure_code"], line["value"], strict=True))
            for field, line in here.groupby("field_code")
        }
        assert set(lines) == {"all", "land"}
        assert lines["all"] == lines["land"]
        return lines["all"]

    def test_a_quarter_worked_by_hand(self) -> None:
        assert self.figures("2023Q2", "cal") == {
            "received_online": 0,
            "received_other": 3,
            "carried_in": 2,
            "received_total": 5,
            "finished_early": 0,
            "finished_on_time": 2,
            "finished_late": 1,
            "finished_total": 3,
            "open_in_time": 1,
            "open_overdue": 1,
            "open_total": 2,
        }

    def test_the_reporting_quarter_ends_on_the_14th(self) -> None:
        figures = self.figures("2023Q2", "rep")
        assert figures["carried_in"] == 0
        assert figures["received_total"] == 4
        assert figures["open_total"] == 1

    def test_only_miscounted_lines_do_not_add_up_and_only_quarters_that_were_over(self, world: Any) -> None:
        dossiers, due_dates, _ = world
        figures = make_reported_figures(OPTIONS, dossiers, due_dates)
        keys = ["unit_code", "field_code", "calendar", "period"]
        form = figures.pivot(index=keys, columns="figure_code", values="value")
        adds_up = (
            (form["received_total"] == form["received_online"] + form["received_other"] + form["carried_in"])
            & (
                form["finished_total"]
                == form["finished_early"] + form["finished_on_time"] + form["finished_late"]
            )
            & (form["open_total"] == form["open_in_time"] + form["open_overdue"])
            & (form["received_total"] == form["finished_total"] + form["open_total"])
        )
        miscounted = figures.groupby(keys)["is_miscounted"].any()
        assert (adds_up == ~miscounted.loc[adds_up.index]).all()
        assert 0 < miscounted.mean() < 0.1
        assert (figures["value"] >= 0).all()
        last = figures.groupby("calendar")["period"].max().to_dict()
        assert last == {"cal": "2024Q3", "rep": "2024Q4"}
        assert not figures.duplicated([*keys, "figure_code"]).any()


def test_local_targets_speak_of_known_indicators_and_units() -> None:
    targets = make_local_targets(OPTIONS, CATALOG)
    assert set(targets["indicator_code"]) <= {row["indicator_code"] for row in seed_rows("indicators")}
    assert set(targets["unit_code"]) <= set(CATALOG.below(DEPARTMENT))
    assert targets["value"].between(0, 1).all()
    keys = ["indicator_code", "unit_code", "field_code", "procedure_level", "period"]
    assert not targets.duplicated(keys).any()


def test_the_seed_decides_everything_and_nothing_else_does(
    officers: pd.DataFrame, registers: Any, world: Any
) -> None:
    dossiers, due_dates, steps = world

    def make(options: Options) -> list[pd.DataFrame]:
        return [
            *make_officers(options, CATALOG),
            make_petitions(options, CATALOG),
            make_results(options, CATALOG, CATALOG.procedures, dossiers),
            make_reviews(options, CATALOG, dossiers, steps, due_dates),
        ]

    other_seed = Options(scale=OPTIONS.scale, seed=1)
    for one, same, different in zip(make(OPTIONS), make(OPTIONS), make(other_seed), strict=True):
        pd.testing.assert_frame_equal(one, same)
        assert not one.equals(different)
    for one, different in zip(registers, make_documents(other_seed, CATALOG, officers), strict=True):
        assert not one.equals(different)
