"""What is told about one dossier: plain values that ``read`` fills and ``terminal`` and ``sheet`` show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

# The unit that stands for whoever handed a dossier in (variable unit_applicant of the dbt project).
APPLICANT = "APPLICANT"


@dataclass(frozen=True)
class Header:
    """The dossier's own row with the names of what its codes mean; ``late_days`` are calendar days."""

    dossier_key: int
    dossier_code: str
    namespace: str
    procedure_code: str
    procedure_name: str | None
    field_name: str | None
    unit_name: str
    receiving_unit_name: str
    channel_name: str | None
    officer_id: str
    submitted_at: datetime | None
    received_at: datetime | None
    due_at: datetime | None
    due_reason: str | None
    finished_at: datetime | None
    returned_at: datetime | None
    status_name: str | None
    timeliness: str
    late_days: int | None
    working_days_used: int | None
    state_basis: str | None
    flags: str | None
    as_of_on: date


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: what happened when, who held the dossier, how the clock stood right after.

    ``kind`` is the event's type, or for a due date that became known ``due_date``
    (given to the applicant), ``plan`` (the office's own) or ``recomputed`` (evidence).
    """

    at: datetime | None
    kind: str
    text: str
    holder: str | None
    officer_id: str | None
    clock_state_code: str | None
    basis: str
    legal_source: str | None
    source: str | None


@dataclass(frozen=True)
class Step:
    """One line of the control sheet: who had the dossier from when to when.

    Days are working days compared by date; time off the clock is left out of ``used_days`` of an office.
    ``over_days``: days after (or, negative, before) the last allowed day; None without a limit.
    """

    step_no: int | None
    name: str
    unit_id: str
    unit_name: str
    officer_id: str | None
    is_external: bool
    started_at: datetime | None
    finished_at: datetime | None
    due_at: datetime | None
    allowed_days: float | None
    used_days: int | None
    over_days: int | None


@dataclass(frozen=True)
class Holder:
    """Who answers for the delay, as fct_delay_responsibility says."""

    unit_name: str
    officer_id: str | None
    is_holder_at_due: bool
    working_days_used: float | None
    working_days_allowed: float | None
    working_days_over: float | None
    late_days_share: float
    cause_code: str
    cause_name: str
    is_subjective: bool | None


@dataclass(frozen=True)
class Finding:
    """One irregularity."""

    finding_code: str
    name: str
    found_at: datetime | None
    evidence: str | None
    source: str | None


@dataclass(frozen=True)
class Verdict:
    """How the dossier counts in one rate, in the newest period in which it does."""

    indicator_code: str
    rule_version: str
    name: str
    period_key: str
    is_closed: bool
    in_numerator: bool
    in_denominator: bool
    exclusion_code: str | None
    direction: str | None
    legal_source: str | None

    @property
    def is_good(self) -> bool | None:
        """Whether the dossier lifts the rate the way it should go; None where it is left out."""
        if not self.in_denominator or self.direction not in {"up", "down"}:
            return None
        return self.in_numerator == (self.direction == "up")


@dataclass(frozen=True)
class Life:
    """Everything that one release says about one dossier."""

    release_id: str
    is_synthetic: bool
    header: Header
    timeline: tuple[Entry, ...]
    steps: tuple[Step, ...]
    holders: tuple[Holder, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]


@lru_cache(maxsize=1)
def labels() -> dict[str, Any]:
    """The Vietnamese words of ``labels.yml``, by group and code."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("labels.yml").read_text(encoding="utf-8"))
    return found


def label(group: str, code: str | None) -> str:
    """The word for a code; the code itself where no word is known, so that nothing gets lost."""
    return str(labels()[group].get(code, code)) if code is not None else ""
