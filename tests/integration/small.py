"""A department of a handful of dossiers in three CSV files: enough for everything a refresh does, and quick."""

from __future__ import annotations

from pathlib import Path

# For the maps of other small homes: a list of units with their spans.
UNITS_INPUT = """\
  - name: units
    files: "units-*.csv"
    format: csv
    records:
      - kind: units
        columns:
          unit_code: code
          unit_name: name
          parent_unit_code: parent
          valid_from_on: {header: from, formats: [iso]}
          valid_to_on: {header: to, formats: [iso]}
"""

MAP = """
source: register
required: true
timezone: Asia/Ho_Chi_Minh
extract:
  mode: delta
  at: {path: '(\\d{4}-\\d{2}-\\d{2})', formats: [iso]}
inputs:
  - name: dossiers
    files: "dossiers-*.csv"
    format: csv
    records:
      - kind: dossiers
        columns:
          dossier_code: code
          received_at: {header: received, formats: [dd/MM/yyyy HH:mm]}
          due_at: {header: due, formats: [dd/MM/yyyy HH:mm]}
          finished_at: {header: finished, formats: [dd/MM/yyyy HH:mm]}
          channel: {header: channel, codes: {web: online, desk: counter}}
          unit_code: unit
          officer: {header: officer, is_pseudonym: true}
  - name: steps
    files: "steps-*.csv"
    format: csv
    records:
      - kind: dossier_steps
        columns:
          dossier_code: code
          step_no: no
          step_name: step
          officer: {header: officer, is_pseudonym: true}
          started_at: {header: started, formats: [dd/MM/yyyy HH:mm]}
          finished_at: {header: finished, formats: [dd/MM/yyyy HH:mm]}
"""

JANUARY = """\
code,received,due,finished,channel,unit,officer
D-001,03/01/2024 08:00,10/01/2024 17:00,09/01/2024 10:00,web,Land,CB-01
D-002,04/01/2024 08:00,11/01/2024 17:00,,desk,Land,CB-02
D-003,05/01/2024 08:00,12/01/2024 17:00,15/01/2024 10:00,desk,Water,CB-03
D-004,20/01/2024 08:00,29/01/2024 17:00,,web,Water,CB-03
"""

# February corrects D-002 (finished late) and moves the due date of D-004.
FEBRUARY = """\
code,received,due,finished,channel,unit,officer
D-002,04/01/2024 08:00,11/01/2024 17:00,01/02/2024 09:00,desk,Land,CB-02
D-004,20/01/2024 08:00,09/02/2024 17:00,,web,Water,CB-03
D-005,02/02/2024 08:00,14/02/2024 17:00,,desk,Land,CB-01
"""

STEPS = """\
code,no,step,officer,started,finished
D-001,1,Intake,CB-09,03/01/2024 08:00,03/01/2024 10:00
D-001,2,Survey,CB-01,03/01/2024 10:00,09/01/2024 10:00
D-003,1,Intake,CB-09,05/01/2024 08:00,05/01/2024 09:00
"""

FILES = {
    "dossiers-2024-01-31.csv": JANUARY,
    "dossiers-2024-02-29.csv": FEBRUARY,
    "steps-2024-01-31.csv": STEPS,
}


def write_maps(folder: Path, text: str = MAP) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "register.yml").write_text(text, encoding="utf-8")
    return folder


def write_files(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or FILES:
        (folder / name).write_text(FILES[name], encoding="utf-8")
