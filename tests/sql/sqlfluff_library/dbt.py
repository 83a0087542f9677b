"""Stand-in for dbt's own macros while sqlfluff renders the models; only their shape matters there."""


def dateadd(datepart: str, interval: object, from_date_or_timestamp: object) -> str:
    """A date moved by some days or months."""
    return f"date_add({from_date_or_timestamp}, {interval}, '{datepart}')"


def generate_series(upper_bound: object) -> str:
    """A query with one column of whole numbers."""
    return "select 1 as generated_number"
