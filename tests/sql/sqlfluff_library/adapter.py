"""Stand-in for dbt's ``adapter`` while sqlfluff renders the models: it finds the DuckDB macro of a name."""

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from jinja2.utils import missing

# macros too deep for sqlfluff's parser; a plain function has the same shape
OPAQUE = {"folded_name"}


@pass_context
def dispatch(context: Context, name: str, macro_namespace: str | None = None) -> Callable[..., Any]:
    """The macro that dbt would pick for DuckDB: ``duckdb__<name>``, else ``default__<name>``."""
    if name in OPAQUE:
        return lambda expression: f"lower({expression})"
    for candidate in (f"duckdb__{name}", f"default__{name}"):
        found = context.resolve_or_missing(candidate)
        if found is not missing:
            macro: Callable[..., Any] = found
            return macro
    raise LookupError(f"no macro duckdb__{name} or default__{name}")
