"""The world of the tests of exports: 300 dossiers of which six have lives that are told in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dagster_project.sample.catalog import load_catalog
from dagster_project.sample.world import Options, World

MARCH, APRIL, MAY, LAST = 17, 18, 19, 26
COUNT = 300


def at(text: str | None) -> np.datetime64:
    return np.datetime64(text or "NaT", "s")


def frame(columns: dict[str, object], count: int) -> pd.DataFrame:
    """Columns of a table; a text or number stands for the same value in every row."""
    table = pd.DataFrame(
        {
            name: value if isinstance(value, (list, np.ndarray)) else [value] * count
            for name, value in columns.items()
        }
    )
    for name in table.columns:
        if name.endswith(("_at", "_on")):
            table[name] = table[name].astype("datetime64[s]")
    return table


def make_dossiers() -> pd.DataFrame:
    """Six whose lives are known below; the others are done within March 2024, in all three systems."""
    numbers = np.arange(COUNT)
    units = np.array(
        ["001.10.13.H11", "004.10.13.H11", "000.08.13.H11", "000.04.13.H11", "000.00.21.H11"], object
    )
    outcome = np.full(COUNT, "done", object)
    outcome[:6] = ["done", "refused", "stopped", "withdrawn", "open", "not_accepted"]
    finished = np.full(COUNT, at("2024-03-20T09:00"))
    finished[:6] = [at("2024-04-10T09:00"), at("2024-03-20T10:00"), at("2024-04-02T10:00"), at("2024-03-21T10:00"),
                    at(None), at(None)]  # fmt: skip
    received = np.full(COUNT, at("2024-03-05T08:00"))
    received[5] = at(None)
    returned = np.where(np.isnat(finished), finished, finished + np.timedelta64(1, "D"))
    returned[1:6] = at(None)
    return frame(
        {
            "dossier_no": numbers,
            "dossier_code": [f"{unit}-240305-{number:04d}" for number, unit in zip(numbers, units[numbers % 5], strict=True)],
            "other_code": np.where(numbers % 3 == 0, [f"BTN-2024-{number:06d}" for number in numbers], None),
            "procedure_no": 0, "procedure_code": "2.000889", "field_code": "land",
            "procedure_level": np.where(numbers % 5 == 4, "district", "province"),
            "unit_code": units[numbers % 5], "receiving_unit_code": units[numbers % 5],
            "channel": np.array(["online", "counter", "post"], object)[numbers % 3],
            "officer_no": numbers % 5, "applicant_no": numbers + 7, "limit_value": 8.5,
            "limit_unit": "working_day", "is_remote_area": False,
            "submitted_at": np.full(COUNT, at("2024-03-04T20:00")), "received_at": received,
            "first_due_at": np.where(np.isnat(received), received, at("2024-03-25T17:00")),
            "outcome": outcome, "finished_at": finished,
            "refused_at": np.where(numbers == 5, at("2024-03-06T08:00"), at(None)), "returned_at": returned,
            "has_digitized_components": True, "has_electronic_result": numbers % 2 == 0,
            "is_reusing_data": False, "is_paid_online": True, "is_synced": numbers % 10 != 9,
        },
        COUNT,
    )  # fmt: skip


def make_world() -> World:
    catalog = load_catalog()
    dossiers = make_dossiers()
    accepted = dossiers[dossiers["received_at"].notna()]
    names = ["Nguyễn Văn Ất", "Trần Thị Bính", "Lê Quang Đinh", "Phạm Mậu", "Võ Kỷ"]
    units = ["001.10.13.H11", "004.10.13.H11", "000.08.13.H11", "000.04.13.H11", "000.00.21.H11"]
    first = frame({"dossier_no": accepted["dossier_no"].to_numpy(), "version_no": 1,
                   "due_at": at("2024-03-25T17:00"), "known_from_at": at("2024-03-05T08:00"),
                   "reason": "initial", "document_code": None}, len(accepted))  # fmt: skip
    again = frame({"dossier_no": [0], "version_no": 2, "due_at": at("2024-04-12T17:00"),
                   "known_from_at": at("2024-04-05T08:00"), "reason": "reappointed",
                   "document_code": "PXL-0001"}, 1)  # fmt: skip
    due = pd.concat([first, again], ignore_index=True).sort_values(
        ["dossier_no", "known_from_at"], ignore_index=True
    )
    steps = frame({"dossier_no": accepted["dossier_no"].to_numpy(), "step_no": 1, "step_name": "Thẩm định, trích đo",
                   "unit_code": accepted["unit_code"].to_numpy(), "officer_no": accepted["officer_no"].to_numpy(),
                   "started_at": accepted["received_at"].to_numpy(), "due_at": at("2024-03-25T17:00"),
                   "finished_at": accepted["finished_at"].to_numpy(), "allowed_days": 4.5,
                   "status_code": accepted["outcome"].map({"done": "9", "refused": "refused", "stopped": "8",
                                                           "withdrawn": "7"}).to_numpy(object)},
                  len(accepted))  # fmt: skip
    return World(
        options=Options(scale=0.01),
        units=catalog.units,
        unit_successions=catalog.unit_successions,
        procedures=catalog.procedures,
        procedure_successions=catalog.procedure_successions,
        officers=frame(
            {
                "officer_no": np.arange(5),
                "officer_name": names,
                "unit_code": units,
                "position": ["Viên chức", "Phó Trưởng phòng", "Chuyên viên", "Trưởng phòng", "Chuyên viên"],
                "joined_on": at("2020-01-06"),
                "left_on": at(None),
            },
            5,
        ),
        posts=frame({"unit_code": units, "year": 2024, "posts_assigned": 12, "posts_filled": 10}, 5),
        dossiers=dossiers,
        due_dates=due,
        supplements=frame(
            {
                "supplement_no": [0, 1],
                "supplement_code": ["BS-000001", "BS-000002"],
                "dossier_no": [0, 2],
                "phase": "after_acceptance",
                "officer_no": [0, 2],
                "requested_at": [at("2024-03-28T09:00"), at("2024-03-12T09:00")],
                "answered_at": [at("2024-04-03T09:00"), at("2024-03-14T09:00")],
                "previous_due_at": at("2024-03-25T17:00"),
                "new_due_at": at("2024-03-25T17:00"),
            },
            2,
        ),
        pauses=frame(
            {
                "dossier_no": [4],
                "paused_at": at("2024-03-30T09:00"),
                "resumed_at": at("2024-04-30T09:00"),
                "reason": "tax",
                "holder_unit_code": "TAX.H11",
            },
            1,
        ),
        steps=steps,
        components=frame(
            {
                "dossier_no": np.repeat(np.arange(COUNT), 2),
                "is_result": [False, False] * COUNT,
                "document_code": [f"000{900000 + number}" for number in range(2 * COUNT)],
                "component_code": "KQ.G13.000001",
                "is_digitized": True,
                "is_reused": False,
                "is_from_citizen_store": False,
                "result_code": None,
            },
            2 * COUNT,
        ),
        documents=make_documents(),
        document_handlers=frame(
            {
                "document_no": [0, 0, 0, 1],
                "officer_no": [1, -1, 2, 3],
                "handler_unit_code": [None, "000.03.13.H11", None, None],
                "role": ["main", "co", "co", "main"],
            },
            4,
        ),
        results=frame(
            {
                "result_code": ["KQ.1", "KQ.2"],
                "dossier_no": [-1, 10],
                "procedure_code": "2.000889",
                "field_code": "land",
                "unit_code": "001.10.13.H11",
                "issued_on": [at("2015-02-02"), at("2024-03-20")],
                "valid_to_on": at(None),
                "is_permanent": True,
                "is_electronic": False,
                "is_digitized": [True, False],
                "digitized_on": [at("2024-04-04"), at(None)],
            },
            2,
        ),
        petitions=frame(
            {
                "petition_code": ["PAKN-1"],
                "unit_code": "000.08.13.H11",
                "petition_type": "PAKN",
                "sent_at": at("2024-03-30T20:00"),
                "accepted_at": at("2024-04-01T08:00"),
                "transferred_at": at(None),
                "due_at": at("2024-04-15T17:00"),
                "answered_at": at("2024-04-10T08:00"),
                "is_satisfied": [True],
                "published_at": at("2024-04-11T17:00"),
                "complexity": [None],
                "is_remote": [None],
                "instance_no": [1],
                "handling": ["answered"],
            },
            1,
        ),
        delay_reviews=frame(
            {
                "dossier_no": [0],
                "reviewed_on": at("2024-04-22"),
                "unit_code": "001.10.13.H11",
                "officer_no": [0],
                "cause_code": "old_maps",
                "is_subjective": [None],
                "remedy_due_on": at("2024-05-10"),
            },
            1,
        ),
        reported_figures=frame(
            {
                "unit_code": "001.10.13.H11",
                "field_code": ["all", "land"],
                "period": "2024Q1",
                "calendar": ["rep", "cal"],
                "figure_code": "received_total",
                "value": [3, 4],
            },
            2,
        ),
        local_targets=frame(
            {
                "indicator_code": "OT_06",
                "unit_code": "001.10.13.H11",
                "field_code": "all",
                "procedure_level": "all",
                "period": "2024",
                "value": [0.98],
                "legal_source": "Kế hoạch",
            },
            1,
        ),
    )


def make_documents() -> pd.DataFrame:
    return frame(
        {
            "document_no": [0, 1], "direction": ["in", "out"], "unit_code": "000.00.13.H11",
            "book_code": ["DEN", "DI"], "register_year": 2024, "register_no": [101, 55],
            "code_text": ["12/QĐ-UBND", "55/STNMT-QLĐĐ"], "document_type": ["Quyết định", "Công văn"],
            "field_code": ["land", None], "urgency": "Khẩn", "author": "UBND tỉnh", "subject": "V/v <thử> & kiểm",
            "registered_on": [at("2024-03-11"), at("2024-04-08")], "issued_on": [at("2024-03-08"), at("2024-04-08")],
            "due_on": [at("2024-04-09"), at(None)], "answered_on": [at("2024-04-08"), at(None)],
            "answer_code": ["55/STNMT-QLĐĐ", None], "main_officer_no": [1, 3],
        },
        2,
    )  # fmt: skip
