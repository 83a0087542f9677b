"""Every rate: which verdicts a dossier gets in a period."""

from __future__ import annotations

from tests.reckoning.dossier import Dossier
from tests.reckoning.on_time_rates import Verdict, ot_06, ot_06_one_stop, ot_61, ot_766, ot_orig
from tests.reckoning.other_rates import apology, late_open, late_open_age, online, supp_late, supp_multi
from tests.reckoning.periods import Period

RATES = (
    ot_06, ot_06_one_stop, ot_orig, ot_61, ot_766, late_open, late_open_age, apology, online, supp_late, supp_multi,
)  # fmt: skip


def verdicts(dossier: Dossier, period: Period) -> tuple[Verdict, ...]:
    """Every verdict on one dossier in one period that it touches."""
    return tuple(verdict for rate in RATES for verdict in rate(dossier, period))
