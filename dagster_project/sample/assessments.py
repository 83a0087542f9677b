"""What units say of themselves under Circular 01/2018/TT-VPCP: indices that no dossier shows (assumed)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dagster_project.sample.catalog import DEPARTMENT
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream

# Index and the points it can have in the sample: means of what applicants say, else one mark for the quarter.
_MARKS: dict[int, tuple[float, ...]] = {
    4: (1.6, 1.7, 1.8, 1.9, 2.0),
    5: (1.0, 2.0, 2.0),
    6: (1.0, 2.0, 2.0, 2.0),
    7: (1.5, 1.6, 1.7, 1.8, 1.9, 2.0),
    9: (0.0, 1.0, 1.0, 2.0),
}
SELF_SCORE = "score_01_index_"


def make_self_scores(options: Options, forms: pd.DataFrame) -> pd.DataFrame:
    """The five indices of every unit that sent a form II.06, and of the whole department, quarter by quarter.

    In: the forms (``make_reported_figures``). Out: rows of the same columns, figure_code
    ``score_01_index_<no>``, value 0 to 2 in tenths, field_code 'all'.
    """
    rng = stream(options, "self_scores")
    keys = ["unit_code", "period", "calendar"]
    quarters = forms[["period", "calendar"]].drop_duplicates()
    sent = pd.concat([forms[keys], quarters.assign(unit_code=DEPARTMENT)]).drop_duplicates(keys)
    sent = sent.sort_values(keys, ignore_index=True)
    frames = [
        sent.assign(
            field_code="all",
            figure_code=f"{SELF_SCORE}{index_no}",
            value=rng.choice(np.array(marks), len(sent)),
            is_miscounted=False,
        )
        for index_no, marks in _MARKS.items()
    ]
    return pd.concat(frames, ignore_index=True)[list(forms.columns)]
