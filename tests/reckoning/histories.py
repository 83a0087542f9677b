"""What is known of one dossier: the rows that a register keeps, nothing reckoned. All moments are wall clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Appointment(NamedTuple):
    """A due date, since when it was known, why it was set, and how well that is recorded (higher is better)."""

    due_at: datetime
    known_from_at: datetime
    reason: str  # initial, stage_2, after_supplement, reappointed, edited, unknown
    trust: int = 4  # 4 a record of its own, 3 a date on the dossier, 2 changed between extracts, 1 first seen


class Supplement(NamedTuple):
    """A request for missing papers and its answer, if there was one."""

    requested_at: datetime
    answered_at: datetime | None


class Pause(NamedTuple):
    """A time during which the dossier waited, for a reason that may or may not stop the clock."""

    paused_at: datetime
    resumed_at: datetime | None
    reason: str | None


class Step(NamedTuple):
    """A recorded event: the status the dossier had from a moment on, if it says one."""

    at: datetime
    step_no: int
    status_code: str | None


class Limit(NamedTuple):
    """How long the office has: a first part, and a second one for mixed limits."""

    value: float
    unit: str  # working_day, calendar_day, month, hour, same_day
    value_2: float | None = None
    unit_2: str | None = None


@dataclass(slots=True)
class History:
    """One dossier. ``statuses_seen`` are what the dossier's own row showed, by extract."""

    code: str
    received_at: datetime | None
    competent_received_at: datetime | None = None
    submitted_at: datetime | None = None
    channel: str | None = None
    field_code: str | None = None
    is_remote_area: bool = False
    limit: Limit | None = None
    procedure_code: str | None = None
    procedure_limit: Limit | None = None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    refused_at: datetime | None = None
    statuses_seen: list[tuple[datetime, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    supplements: list[Supplement] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    is_deleted: bool = False
    has_row: bool = True  # False where other records name it but no source has the dossier itself
