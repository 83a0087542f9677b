"""Whether a dossier was accepted, and when and how it ended.

Decree 61/2018/NĐ-CP, Articles 17 to 20, and the status list of the national portal. Recorded events come first:
dates on the dossier's own row can be overwritten after the fact, events leave a trace.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple

from tests.reckoning.histories import History

CLASS_OF_STATUS = {
    "1": "excluded", "2": "open", "3": "excluded", "4": "open", "5": "paused", "6": "paused", "7": "withdrawn",
    "8": "stopped", "9": "done", "10": "done", "refused": "refused",
}  # fmt: skip
NOT_ACCEPTED, RETURNED = "3", "10"
ENDS_WITHOUT_RESULT = {"withdrawn", "stopped", "refused"}


class Ending(NamedTuple):
    """What became of a dossier, as known at the end of a day."""

    received_at: datetime | None
    finished_at: datetime | None
    ended_as: str | None  # done, refused, withdrawn, stopped; None while open
    status_class: str
    exclusion: str | None


def _final(status_code: str | None, was_accepted: bool) -> str | None:
    """How a status ends a dossier; "not accepted" after an acceptance is a refusal (Decree 61, 19(8))."""
    if status_code is None:
        return None
    status_class = CLASS_OF_STATUS.get(status_code, "open")
    if status_class in ENDS_WITHOUT_RESULT:
        return status_class
    return "refused" if status_code == NOT_ACCEPTED and was_accepted else None


def _dated_by_row(history: History, known_until: datetime) -> datetime | None:
    moments = (history.finished_at, history.refused_at, history.returned_at)
    return next((one for one in moments if one is not None and one <= known_until), None)


def ending_of(history: History, as_of: date) -> Ending:
    """The ending as known at the end of ``as_of``."""
    known_until = datetime.combine(as_of, time.max)
    seen = [(at, code) for at, code in history.statuses_seen if at <= known_until]
    # of two steps in one second the one with the higher number is the later
    steps = sorted(
        (step for step in history.steps if step.status_code and step.at <= known_until),
        key=lambda step: (step.at, step.step_no),
    )
    codes = [code for _, code in seen] + [str(step.status_code) for step in steps]
    was_accepted = any(CLASS_OF_STATUS.get(code, "open") != "excluded" for code in codes)
    first_accepted = next(
        (step.at for step in steps if CLASS_OF_STATUS.get(str(step.status_code), "open") != "excluded"), None
    )
    received_at = history.received_at or first_accepted
    last_code = seen[-1][1] if seen else (steps[-1].status_code if steps else None)
    last_class = CLASS_OF_STATUS.get(last_code, "open") if last_code else None

    done_at = next((s.at for s in steps if s.status_code == "9"), None) or next(
        (s.at for s in steps if s.status_code == RETURNED), None
    )
    ended_by_step = _final(steps[-1].status_code, was_accepted) if steps else None
    ended_by_row = _final(last_code, was_accepted) if seen else None
    if ended_by_row is None and history.refused_at is not None and last_class != "done":
        ended_by_row = "refused" if history.refused_at <= known_until else None
    dated = _dated_by_row(history, known_until)
    finished_at: datetime | None
    ended_as: str | None
    if done_at is not None:
        finished_at, ended_as = done_at, "done"
    elif ended_by_step is not None:
        finished_at, ended_as = steps[-1].at, ended_by_step
    elif dated is not None:
        finished_at, ended_as = dated, ended_by_row or "done"
    elif seen and (ended_by_row is not None or last_class == "done"):
        # nothing is dated: it ended when an extract first showed a final status that no later one took back
        finished_at = seen[-1][0]
        for at, code in reversed(seen):
            if CLASS_OF_STATUS.get(code, "open") in ("open", "paused", "excluded") and code != last_code:
                break
            finished_at = at
        ended_as = ended_by_row or "done"
    else:
        finished_at, ended_as = None, None

    # accepted: received or given a status of work, unless its last word is that it never was
    is_accepted = was_accepted if last_class == "excluded" else received_at is not None or was_accepted
    if not history.has_row:
        exclusion = "no_header"
    elif received_at is not None and received_at > known_until:
        exclusion = "after_as_of"
    elif not is_accepted:
        exclusion = "not_accepted"
    elif received_at is None:
        exclusion = "no_received_at"
    elif history.is_deleted and finished_at is None:
        exclusion = "deleted_at_source"
    else:
        exclusion = None
    waits = last_class == "paused" or _is_in_pause(history, known_until)
    status_class = "excluded" if exclusion else ended_as or ("paused" if waits else "open")
    return Ending(received_at, finished_at, ended_as, status_class, exclusion)


def _is_in_pause(history: History, known_until: datetime) -> bool:
    """Whether the last thing known of its pauses is that one began."""
    moments = [(pause.paused_at, 0) for pause in history.pauses if pause.paused_at <= known_until]
    moments += [(p.resumed_at, 1) for p in history.pauses if p.resumed_at and p.resumed_at <= known_until]
    return bool(moments) and max(moments)[1] == 0
