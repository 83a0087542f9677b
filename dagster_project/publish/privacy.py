"""What a public release leaves out: who an officer is, and groups so small that their figures show one.

An officer's work is personal data even under a pseudonym (Law 91/2025/QH15), so ``internal`` is for the
office itself and ``public`` for everybody else. All tables and columns stay, so that a query written for one
works on the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dagster_project.publish.literals import name

_OFFICER = re.compile(r"(?:^|_)officer_(key|id|code)$")
# Rows about one officer each: not even their number and figures are shown.
_ONE_PERSON = {
    "dim_officers": "officer_key = 0",
    "fct_officer_periods": "false",
}
# Rows about a group, the column that says how many persons it has, and the columns that only say which group.
_GROUPS = {
    "fct_unit_workload_periods": (
        "officers_count",
        frozenset({"period_key", "unit_id", "unit_key", "scope"}),
    ),
}


@dataclass(frozen=True)
class Privacy:
    """How much a release shows. ``min_group``: the smallest number of officers whose figures are public."""

    is_public: bool = False
    min_group: int = 5

    @property
    def label(self) -> str:
        """``public`` or ``internal``, as the setting calls it."""
        return "public" if self.is_public else "internal"

    def select(self, table: str, columns: Iterable[str], place: str) -> str:
        """SQL that reads ``table`` from ``place`` (its qualified name) as this release may show it.

        Public: an officer is the unknown one (key 0, id ``unknown``); a group of fewer than ``min_group``
        officers keeps its row and loses its figures.
        """
        if not self.is_public:
            return f"select * from {place}"
        shown = ", ".join(self._column(table, column) for column in columns)
        where = f" where {_ONE_PERSON[table]}" if table in _ONE_PERSON else ""
        return f"select {shown} from {place}{where}"

    def _column(self, table: str, column: str) -> str:
        found = _OFFICER.search(column)
        if found:
            unknown = "cast(0 as bigint)" if found[1] == "key" else "'unknown'"
            return f"{unknown} as {name(column)}"
        if table in _GROUPS:
            size, keys = _GROUPS[table]
            if column not in keys:
                small = f"{size} > 0 and {size} < {int(self.min_group)}"
                return f"case when {small} then null else {name(column)} end as {name(column)}"
        return name(column)


# What reports show as long as nobody decided otherwise.
PUBLIC = Privacy(is_public=True)
