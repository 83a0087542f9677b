"""Eight quarters of a small register, 2024Q1 to 2025Q4, and a script of what happened in each of them.

Every quarter each of two departments of Bình Thuận and one of Lâm Đồng finishes six dossiers, of which the
script says which are on time; a file late, a file corrected, a rule that changes and lists of units that come
when the quarter is long closed do the rest. From July 2025 on one department of Lâm Đồng goes on for all three,
and another bears the code of one of them. ``STEPS`` is the script: what is dropped into landing at the end of each
quarter, and which published rates of OT_06 move, by how much, and why.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.integration.small import UNITS_INPUT

MAP = (
    """
source: register
required: true
extract:
  mode: delta
  at: {path: '(\\d{4}-\\d{2}-\\d{2})', formats: [iso]}
inputs:
"""
    + UNITS_INPUT
    + """\
  - name: successions
    files: "successions-*.csv"
    format: csv
    records:
      - kind: unit_successions
        columns:
          old_unit_code: old
          new_unit_code: new
          succeeded_on: {header: from, formats: [iso]}
          is_default: default
          legal_source: basis
  - name: dossiers
    files: "dossiers-*.csv"
    format: csv
    records:
      - kind: dossiers
        columns:
          dossier_code: code
          unit_code: unit
          received_at: {header: received, formats: [iso]}
          due_at: {header: due, formats: [iso]}
          finished_at: {header: finished, formats: [iso]}
          channel: {header: channel, codes: {web: online, desk: counter}}
          field_code: {constant: land}
  - name: letters
    files: "letters-*.csv"
    format: csv
    records:
      - kind: documents
        key: [unit_code, direction, register_year, register_no]
        columns:
          unit_code: unit
          direction: {constant: in}
          register_year: year
          register_no: no
          registered_on: {header: day, formats: [iso]}
"""
)

# the environment and the agriculture department of Bình Thuận, the transport department of Lâm Đồng
OLD_UNITS = ("000.00.13.H11", "000.00.14.H11", "000.00.13.H36")
# their successor, and the new bearer of the code of the last of them
NEW_UNITS = ("H36.45", "H36.13")

UNITS_2024 = """\
code,name,parent,from,to
H11,UBND tỉnh Bình Thuận,,,
H36,UBND tỉnh Lâm Đồng,,,
000.00.13.H11,Sở Tài nguyên và Môi trường,H11,,
000.00.14.H11,Sở Nông nghiệp và Phát triển nông thôn,H11,,
000.00.13.H36,Sở Giao thông vận tải,H36,,
"""
UNITS_2025 = """\
code,name,parent,from,to
H11,UBND tỉnh Bình Thuận,,,2025-06-30
000.00.13.H11,Sở Tài nguyên và Môi trường,H11,,2025-06-30
000.00.14.H11,Sở Nông nghiệp và Phát triển nông thôn,H11,,2025-06-30
H36.45,Sở Nông nghiệp và Môi trường,H36,2025-07-01,
"""
SUCCESSIONS_2025 = """\
old,new,from,default,basis
H11,H36,2025-07-01,1,Nghị quyết 202/2025/QH15
H11.13,H36.45,2025-07-01,1,Nghị quyết 202/2025/QH15
H11.14,H36.45,2025-07-01,1,Nghị quyết 202/2025/QH15
"""
# what the list of July forgot, and a quarter too late: the code H36.13 has had another bearer since 1 July
UNITS_LATE = """\
code,name,parent,from,to
000.00.13.H36,Sở Giao thông vận tải,H36,,2025-06-30
H36.13,Sở Dân tộc và Tôn giáo,H36,2025-07-01,
"""
SUCCESSIONS_LATE = """\
old,new,from,default,basis
H36.13,H36.45,2025-07-01,1,Nghị quyết 202/2025/QH15
"""


@dataclass(frozen=True)
class Moved:
    """A published rate of OT_06 by date that moves, by cause; counts are numerator and denominator."""

    period: str
    unit_id: str
    cause: str
    change: tuple[int, int]
    dossiers: tuple[str, ...] = ()
    files: str | None = None


@dataclass(frozen=True)
class Step:
    """The end of one quarter: the files that arrive then, and the rates that move first in its release."""

    quarter: str
    files: dict[str, str]
    moved: tuple[Moved, ...] = ()
    is_rule_changed: bool = False


def _header(rows: list[str]) -> str:
    return "\n".join(["code,unit,received,due,finished,channel", *rows]) + "\n"


def row(code: str, unit: str, received: date, days: int, finished: date | None) -> str:
    """One dossier: due ``days`` after receipt at 17:00, finished at 10:00."""
    due = received + timedelta(days=days)
    ended = f"{finished} 10:00" if finished else ""
    return f"{code},{unit},{received} 08:00,{due} 17:00,{ended},{'web' if code[-1] in '02468' else 'desk'}"


def dossiers(quarter: str) -> list[str]:
    """Per unit six dossiers, received from the second day of the quarter on: four early, one late, one open.

    The first is finished on its last day. What is open at the end of the quarter is finished early in the next.
    """
    starts = first_day(quarter)
    rows = []
    for unit in units_of(quarter):
        for number in range(6):
            received = starts + timedelta(days=1 + number * 7)
            taken = (20, 10, 12, 15, 30, None)[number]
            finished = received + timedelta(days=taken) if taken else None
            rows.append(row(code(quarter, unit, number), unit, received, 20, finished))
    return rows


def units_of(quarter: str) -> tuple[str, ...]:
    return OLD_UNITS if quarter < "2025Q3" else NEW_UNITS


def code(quarter: str, unit: str, number: int | str) -> str:
    return f"{quarter[2:]}-{unit.replace('.', '')}-{number}"


def first_day(quarter: str) -> date:
    return date(int(quarter[:4]), int(quarter[-1]) * 3 - 2, 1)


def last_day(quarter: str) -> date:
    following = first_day(quarter) + timedelta(days=95)
    return following.replace(day=1) - timedelta(days=1)


def letters(quarter: str, numbers: range = range(1, 4)) -> str:
    """Letters of one register: three in the middle of the quarter."""
    base = int(quarter[-1]) * 10
    day = first_day(quarter) + timedelta(days=40)
    unit = units_of(quarter)[0]
    rows = [f"{unit},{quarter[:4]},{base + number},{day}" for number in numbers]
    return "\n".join(["unit,year,no,day", *rows]) + "\n"


def files_of(quarter: str, before: str | None) -> dict[str, str]:
    """The export of a quarter, in which what was open at the end of the last one is finished."""
    starts, ends = first_day(quarter), last_day(quarter)
    rows = dossiers(quarter)
    if before:
        left = [each.split(",") for each in dossiers(before) if each.split(",")[4] == ""]
        for cells in left:
            received = date.fromisoformat(cells[2][:10])
            rows.append(row(cells[0], cells[1], received, 20, starts + timedelta(days=4)))
    return {
        f"dossiers-{ends}.csv": _header(rows),
        f"letters-{ends}.csv": letters(quarter),
    }


QUARTERS = [f"{year}Q{number}" for year in (2024, 2025) for number in (1, 2, 3, 4)]
_EXPORTS = {
    quarter: files_of(quarter, before)
    for quarter, before in zip(QUARTERS, [None, *QUARTERS[:-1]], strict=True)
}
_LATE = [
    row("24Q1-LATE-1", OLD_UNITS[0], date(2024, 2, 1), 20, date(2024, 2, 20)),
    row("24Q1-LATE-2", OLD_UNITS[0], date(2024, 2, 1), 20, date(2024, 3, 1)),
]
_LATE_AGAIN = [row("25Q1-LATE-1", OLD_UNITS[0], date(2025, 1, 10), 20, date(2025, 1, 20))]
_LATE_LAST = [row("25Q2-LATE-1", "H11.13", date(2025, 5, 5), 20, date(2025, 5, 12))]


def _second_of(quarter: str, unit: str, days: int) -> str:
    """The second dossier of a unit, received on the ninth, finished so many days after."""
    received = first_day(quarter) + timedelta(days=8)
    return row(code(quarter, unit, 1), unit, received, 20, received + timedelta(days=days))


_CORRECTED = [_second_of("2024Q2", OLD_UNITS[1], 25)]
_THIRD = first_day("2025Q1") + timedelta(days=15)
_FIFTH = first_day("2025Q1") + timedelta(days=29)
_CORRECTED_AGAIN = [
    # finished in time after all, and a dossier that was written down for the wrong department
    row(code("2025Q1", OLD_UNITS[0], 4), OLD_UNITS[0], _FIFTH, 20, _FIFTH + timedelta(days=9)),
    row(code("2025Q1", OLD_UNITS[1], 2), OLD_UNITS[0], _THIRD, 20, _THIRD + timedelta(days=12)),
]

STEPS = (
    Step("2024Q1", {"units-2024-01-01.csv": UNITS_2024}),
    Step(
        "2024Q2",
        {"dossiers-2024-03-25.csv": _header(_LATE), "letters-2024-03-25.csv": letters("2024Q1", range(7, 8))},
        (
            Moved(
                "2024Q1",
                "H11.13",
                "late_file",
                (1, 2),
                ("24Q1-LATE-1", "24Q1-LATE-2"),
                "dossiers-2024-03-25.csv",
            ),
        ),
    ),
    Step(
        "2024Q3",
        {"dossiers-2024-08-20.csv": _header(_CORRECTED)},
        (
            Moved(
                "2024Q2",
                "H11.14",
                "corrected_file",
                (-1, 0),
                (code("2024Q2", OLD_UNITS[1], 1),),
                "dossiers-2024-08-20.csv",
            ),
        ),
    ),
    Step("2024Q4", {}),
    Step("2025Q1", {}, is_rule_changed=True),
    Step(
        "2025Q2",
        {
            "dossiers-2025-02-10.csv": _header(_LATE_AGAIN),
            "dossiers-2025-05-15.csv": _header(_CORRECTED_AGAIN),
        },
        (
            Moved("2025Q1", "H11.13", "late_file", (1, 1), ("25Q1-LATE-1",), "dossiers-2025-02-10.csv"),
            Moved(
                "2025Q1",
                "H11.13",
                "corrected_file",
                (2, 1),
                (code("2025Q1", OLD_UNITS[0], 4), code("2025Q1", OLD_UNITS[1], 2)),
                "dossiers-2025-05-15.csv",
            ),
            Moved(
                "2025Q1",
                "H11.14",
                "corrected_file",
                (-1, -1),
                (code("2025Q1", OLD_UNITS[1], 2),),
                "dossiers-2025-05-15.csv",
            ),
        ),
    ),
    Step(
        "2025Q3",
        {
            "units-2025-07-01.csv": UNITS_2025,
            "successions-2025-07-01.csv": SUCCESSIONS_2025,
            "dossiers-2025-06-20.csv": _header(_LATE_LAST),
        },
        (Moved("2025Q2", "H11.13", "late_file", (1, 1), ("25Q2-LATE-1",), "dossiers-2025-06-20.csv"),),
    ),
    Step(
        "2025Q4",
        {"units-2025-10-15.csv": UNITS_LATE, "successions-2025-10-15.csv": SUCCESSIONS_LATE},
        (
            Moved(
                "2025Q3",
                "H36.13",
                "unit_succession",
                (-4, -5),
                tuple(code("2025Q3", "H36.13", number) for number in range(5)),
                "successions-2025-10-15.csv; units-2025-10-15.csv",
            ),
        ),
    ),
)


# All at once, for one refresh: the third quarter of 2025 is closed, then a file comes late, one is corrected, and
# the code of a department turns out to have had another bearer.
CLOSED = Step(
    "2025Q3",
    {
        "units-2024-01-01.csv": UNITS_2024,
        "units-2025-07-01.csv": UNITS_2025,
        "successions-2025-07-01.csv": SUCCESSIONS_2025,
    },
)
AT_ONCE = Step(
    "2025Q3",
    {
        "dossiers-2025-09-20.csv": _header(
            [row("25Q3-LATE-1", "H36.45", date(2025, 8, 1), 20, date(2025, 8, 11))]
        ),
        "dossiers-2025-10-05.csv": _header([_second_of("2025Q3", "H36.45", 25)]),
        "letters-2025-09-20.csv": letters("2025Q3", range(7, 8)),
        "units-2025-10-15.csv": UNITS_LATE,
        "successions-2025-10-15.csv": SUCCESSIONS_LATE,
    },
    (
        Moved("2025Q3", "H36.45", "late_file", (1, 1), ("25Q3-LATE-1",), "dossiers-2025-09-20.csv"),
        Moved(
            "2025Q3",
            "H36.45",
            "corrected_file",
            (-1, 0),
            (code("2025Q3", "H36.45", 1),),
            "dossiers-2025-10-05.csv",
        ),
        Moved(
            "2025Q3",
            "H36.13",
            "unit_succession",
            (-4, -5),
            tuple(code("2025Q3", "H36.13", number) for number in range(5)),
            "successions-2025-10-15.csv; units-2025-10-15.csv",
        ),
    ),
    is_rule_changed=True,
)


def arrive(landing: Path, step: Step) -> None:
    """Drop what arrives at the end of a quarter into landing."""
    exports = files_of(step.quarter, None) if step in (CLOSED, AT_ONCE) else _EXPORTS[step.quarter]
    for name, content in (exports | step.files).items():
        (landing / name).write_text(content, encoding="utf-8")


# By time a finish on the last day itself is in time no more: a new version of the rule.
_OLD_RULE = "is_judged and {{ to_second('finished_at') }} <= {{ to_second('due_at') }} as is_by_time"
_NEW_RULE = "is_judged and {{ to_day('finished_at') }} < {{ to_day('due_at') }} as is_by_time"


def change_rule(project: Path) -> None:
    """OT_06 by time in a copy of the dbt project: other SQL under a new version, which takes the old one's place."""
    model = project / "models" / "facts" / "indicators" / "ot_06" / "verdicts_ot_06.sql"
    sql = model.read_text(encoding="utf-8")
    assert sql.count(_OLD_RULE) == 1 and sql.count("'by_time_v1'") == 1
    model.write_text(
        sql.replace(_OLD_RULE, _NEW_RULE).replace("'by_time_v1'", "'by_time_v2'"), encoding="utf-8"
    )


def enter_new_version(project: Path) -> None:
    """The register of the copy: by_time_v2 takes the place of by_time_v1, which is reckoned no more."""
    with _register(project).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (old,) = [
        each for each in rows if (each["indicator_code"], each["rule_version"]) == ("OT_06", "by_time_v1")
    ]
    rows.append(
        old | {"rule_version": "by_time_v2", "replaces_version": "by_time_v1", "definition_fingerprint": ""}
    )
    old["is_reckoned"] = "false"
    with _register(project).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(old), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _register(project: Path) -> Path:
    return project / "seeds" / "indicators.csv"
