"""Seeded random histories, odd ones on purpose: what registers show and what the law's edges are made of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from tests.reckoning import working_calendar as office
from tests.reckoning.histories import Appointment, History, Limit, Pause, Step, Supplement
from tests.reckoning.limits import due_after

AS_OF = date(2026, 10, 31)
EXTRACTED_AT = datetime(2026, 10, 31, 18, 0)
FIRST_RECEIPT = date(2023, 11, 1)

# Days around which rules change: Tết, Saturdays worked and days off in exchange, edges of both calendars, decrees.
EDGE_DAYS = [
    date.fromisoformat(day)
    for day in (
        "2018-12-31", "2019-01-05", "2024-02-07", "2024-02-08", "2024-02-14", "2024-02-15", "2024-04-17",
        "2024-04-26", "2024-04-29", "2024-05-03", "2024-05-04", "2024-12-14", "2024-12-15", "2024-12-31",
        "2025-01-24", "2025-01-31", "2025-03-14", "2025-03-15", "2025-03-31", "2025-04-25", "2025-04-26",
        "2025-05-02", "2025-06-30", "2025-07-01", "2025-07-04", "2025-09-01", "2025-12-14", "2025-12-15",
        "2025-12-31", "2026-01-02", "2026-01-09", "2026-01-10", "2026-02-13", "2026-02-16", "2026-02-23",
        "2026-04-27", "2026-08-04", "2026-08-05", "2026-08-21", "2026-08-22", "2026-08-31", "2026-09-14",
    )
]  # fmt: skip
LIMITS = [
    *[Limit(value, "working_day") for value in (1, 2, 3, 5, 8, 10, 15, 20, 30)],
    *[Limit(value, "working_day") for value in (0.5, 6.5, 8.5)],
    *[Limit(value, "half_working_day") for value in (1, 5)],
    *[Limit(value, "calendar_day") for value in (3, 7, 15, 30, 45)],
    *[Limit(value, "month") for value in (1, 2, 6)],
    *[Limit(value, "hour") for value in (1, 4, 8, 12, 24)],
    Limit(1, "same_day"),
]
PROCEDURES = [Limit(7, "working_day"), Limit(20, "calendar_day"), Limit(1, "month")]
MIXED = [Limit(15, "calendar_day", 8, "working_day"), Limit(10, "working_day", 5, "calendar_day")]
PAUSE_REASONS = ["tax", "tax", "posting", "land_violation", "appraisal", "inheritance", "consultation"]
ODD_TIMES = [
    time(0, 0),
    time(6, 59, 59),
    time(11, 30),
    time(14, 59, 59),
    time(15, 0),
    time(17, 0),
    time(23, 59, 59),
]


def random_histories(count: int, seed: int) -> list[History]:
    """So many histories, the same for the same seed; every moment in them lies before the extract."""
    return [_Maker(Random(f"{seed}/{number}"), f"R{number:06}").make() for number in range(count)]


class _Maker:
    """One history. Lives forward in time; whatever lies after the extract is not known yet."""

    def __init__(self, random: Random, code: str) -> None:
        self.random = random
        self.code = code

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def moment_on(self, day: date) -> datetime:
        if self.chance(0.15):
            return datetime.combine(day, self.random.choice(ODD_TIMES))
        return datetime.combine(day, time(7)) + timedelta(seconds=self.random.randrange(10 * 3600))

    def later(self, moment: datetime, days: int) -> datetime:
        """A moment on one of the days after; sometimes the very same second."""
        if self.chance(0.03):
            return moment
        found = self.moment_on(moment.date() + timedelta(days=self.random.randint(0, days)))
        return max(found, moment + timedelta(seconds=1))

    def receipt(self) -> datetime:
        if self.chance(0.3):
            day = self.random.choice(EDGE_DAYS)
        else:
            day = FIRST_RECEIPT + timedelta(days=self.random.randrange((AS_OF - FIRST_RECEIPT).days))
            day = day if self.chance(0.1) else office.next_working(day)
        return self.moment_on(min(day, AS_OF - timedelta(days=1)))

    def make(self) -> History:
        random = self.random
        received_at = self.receipt()
        history = History(self.code, received_at)
        history.submitted_at = (
            received_at - timedelta(hours=random.randrange(72)) if self.chance(0.5) else None
        )
        if self.chance(0.2):
            history.competent_received_at = self.later(received_at, 4)
        history.channel = random.choice(["online", "counter", "post", "other", None])
        history.field_code = random.choice(["land", "land", "environment", None])
        history.is_remote_area = self.chance(0.15)
        if self.chance(0.85):
            history.limit = random.choice(MIXED if self.chance(0.1) else LIMITS)
        elif self.chance(0.8):
            number = random.randrange(len(PROCEDURES))
            history.procedure_code, history.procedure_limit = f"P{number}", PROCEDURES[number]
        promised = due_after(received_at, history.limit or Limit(10, "working_day"))
        if self.chance(0.95):
            # some departments promise another day than the limit gives
            due_at = promised if self.chance(0.8) else self.later(received_at, 40)
            history.appointments.append(Appointment(due_at, received_at, "initial"))
        moment = self.interrupt(history, received_at)
        if self.chance(0.05) and not history.supplements:
            asked_at = received_at - timedelta(days=random.randint(1, 3))
            answered_at = received_at - timedelta(hours=random.randint(1, 12))
            history.supplements.append(Supplement(asked_at, answered_at))
        moment = self.reappoint(history, moment)
        self.end(history, moment)
        return self.as_extracted(history)

    def interrupt(self, history: History, moment: datetime) -> datetime:
        """Supplements, pauses and planned second stages, one after the other; one may never come to an end."""
        waits = [self.ask_for_papers] * (self.chance(0.2) + self.chance(0.06) + self.chance(0.02))
        waits += [self.send_away] * (self.chance(0.2) + self.chance(0.04))
        if self.chance(0.2):
            self.random.shuffle(waits)
        for wait in waits:
            begun_at = max(moment + timedelta(seconds=1), self.later(moment, 8))
            ended_at = wait(history, begun_at)
            if ended_at is None:
                return begun_at
            moment = ended_at
        if history.pauses and self.chance(0.5):
            history.appointments.append(Appointment(self.later(moment, 8), moment, "stage_2"))
        elif self.chance(0.01):
            # a second date without any record of where the dossier was
            history.appointments.append(Appointment(self.later(moment, 8), self.later(moment, 5), "stage_2"))
        return moment

    def ask_for_papers(self, history: History, asked_at: datetime) -> datetime | None:
        answered_at = None if self.chance(0.1) else self.later(asked_at, 12)
        history.supplements.append(Supplement(asked_at, answered_at))
        if answered_at and self.chance(0.7):
            history.appointments.append(
                Appointment(self.later(answered_at, 20), answered_at, "after_supplement")
            )
        return answered_at

    def send_away(self, history: History, paused_at: datetime) -> datetime | None:
        resumed_at = None if self.chance(0.1) else self.later(paused_at, 15)
        history.pauses.append(Pause(paused_at, resumed_at, self.random.choice(PAUSE_REASONS)))
        if resumed_at and self.chance(0.1):
            # two reasons at a time: the second begins within the first
            inside = paused_at + (resumed_at - paused_at) / 2
            history.pauses.append(
                Pause(inside.replace(microsecond=0) + timedelta(seconds=1), resumed_at, "posting")
            )
        return resumed_at

    def reappoint(self, history: History, moment: datetime) -> datetime:
        if history.appointments and self.chance(0.15):
            for _ in range(1 + self.chance(0.3)):
                last = history.appointments[-1].due_at
                written_at = max(moment, self.later(last - timedelta(days=3), 5))
                reason = "edited" if self.chance(0.25) else "reappointed"
                history.appointments.append(
                    Appointment(self.later(max(last, written_at), 15), written_at, reason)
                )
                moment = written_at
        return moment

    def end(self, history: History, moment: datetime) -> None:
        """How it ends, and which rows say so."""
        random, received_at = self.random, history.received_at
        assert received_at is not None
        due_at = history.appointments[-1].due_at if history.appointments else moment + timedelta(days=9)
        kinds = ["done", "withdrawn", "stopped", "refused", "open", "not accepted"]
        kind = random.choices(kinds, [77, 4, 4, 5, 8, 2])[0]
        if kind == "not accepted":
            history.statuses_seen = [(EXTRACTED_AT, random.choice(["1", "3"]))]
            return
        waits = (history.supplements and history.supplements[-1].answered_at is None) or (
            history.pauses and history.pauses[-1].resumed_at is None
        )
        if kind == "open" or (waits and self.chance(0.8)):
            history.statuses_seen = [(EXTRACTED_AT, random.choice(["2", "4", "5", "6"]))]
            return
        if self.chance(0.02):
            finished_at = received_at - timedelta(
                hours=random.randint(1, 200)
            )  # before the receipt: a typing error
        elif self.chance(0.08):
            finished_at = max(due_at, moment)  # the very second of the due date
        elif self.chance(0.15):
            finished_at = max(moment, self.moment_on(due_at.date()))
        elif self.chance(0.02):
            finished_at = received_at
        else:
            finished_at = max(moment, self.later(due_at - timedelta(days=6), 9))
        code = {"done": "9", "withdrawn": "7", "stopped": "8", "refused": "refused"}[kind]
        has_step = self.chance(0.15)
        if has_step:
            history.steps = [Step(received_at, 1, "2"), Step(max(finished_at, received_at), 2, code)]
        if not has_step or self.chance(0.8):
            # the row may say another finish than the recorded event
            history.finished_at = finished_at if self.chance(0.9) else finished_at + timedelta(days=1)
        if kind == "done" and self.chance(0.7):
            history.returned_at = self.later(finished_at, 30)  # handed over, maybe months after it was ready
            code = "10" if self.chance(0.8) else "9"
        if kind == "done" and self.chance(0.03):
            history.finished_at = None  # only the day it was handed over is known, if even that
        history.statuses_seen = [(EXTRACTED_AT, code)]

    def as_extracted(self, history: History) -> History:
        """What the extract can know: nothing after its own moment."""

        def known(moment: datetime | None) -> bool:
            return moment is not None and moment <= EXTRACTED_AT

        is_over = not (
            (history.finished_at is not None and history.finished_at > EXTRACTED_AT)
            or any(step.at > EXTRACTED_AT for step in history.steps)
        )
        history.appointments = [one for one in history.appointments if known(one.known_from_at)]
        history.supplements = [
            one if known(one.answered_at) else one._replace(answered_at=None)
            for one in history.supplements
            if known(one.requested_at)
        ]
        history.pauses = [
            one if known(one.resumed_at) else one._replace(resumed_at=None)
            for one in history.pauses
            if known(one.paused_at)
        ]
        history.steps = [one for one in history.steps if known(one.at)]
        if not known(history.returned_at):
            history.returned_at = None
        if not known(history.competent_received_at):
            history.competent_received_at = None
        if not is_over:
            history.finished_at = history.returned_at = None
            history.statuses_seen = [(EXTRACTED_AT, "4")]
        return history
