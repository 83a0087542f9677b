"""The digest as Vietnamese Markdown, and the file beside the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dagster_project.home import Home
from dagster_project.publish.files import write_text
from dagster_project.quarterly.digest import BLOCKED, FAILED, NOTHING_NEW, PUBLISHED, Digest
from dagster_project.quarterly.exports import Export
from dagster_project.scorecard.numbers import format_day, format_measure, format_number, format_ratio
from dagster_project.scorecard.page import label, reason, rule_name
from dagster_project.scorecard.report.frame import Row

# The whole list is in the marts (status = 'restated').
RESTATED_SHOWN = 20


def write_digest(home: Home, digest: Digest, run_id: str) -> Path:
    """Write ``reports/digest/<day>-<run>.md`` and return its path."""
    target = home.reports / "digest" / f"{digest.today}-{run_id[:8]}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, render_digest(digest))
    return target


def render_digest(digest: Digest) -> str:
    """The digest from how the run ended to what has to be done."""
    lines = [f"# Bản tin quý, ngày {format_day(digest.today)}", ""]
    if digest.is_synthetic:
        lines += [f"**{label('synthetic')[0]}**", ""]
    lines += [f"**{_outcome(digest)}**", ""]
    lines += ["## Kỳ đã kết thúc", *_table(("Kỳ", "Từ ngày", "Đến ngày", "Tình trạng"), _quarters(digest))]
    lines += _section("Tệp kết xuất bắt buộc", _EXPORT_HEADS, map(_export, digest.exports), "Không có.")
    for title, found in (("Chỉ tiêu không đạt", digest.missed), ("Chỉ tiêu đạt", digest.met)):
        lines += _section(f"{title}: {len(found)}", _TARGET_HEADS, map(_target, found), "Không có.")
    lines += _section(
        f"Số liệu điều chỉnh so với bản đã công bố: {len(digest.restated)}",
        _RESTATED_HEADS,
        map(_restated, digest.restated[:RESTATED_SHOWN]),
        label("no_restatements")[0],
    )
    if len(digest.restated) > RESTATED_SHOWN:
        lines += [f"Bảng nêu {RESTATED_SHOWN} dòng đầu.", ""]
    lines += _section(
        f"Cảnh báo về dữ liệu: {len(digest.warnings)}",
        _WARNING_HEADS,
        map(_warning, digest.warnings),
        "Không có.",
    )
    return "\n".join(lines).rstrip() + "\n"


_EXPORT_HEADS = ("Nguồn", "Kỳ", "Số liệu đến ngày", "Hạn", "Tình trạng")
_TARGET_HEADS = ("Kỳ", "Chỉ số", "Đơn vị", "Giá trị", "Chỉ tiêu")
_RESTATED_HEADS = ("Kỳ", "Chỉ số", "Đơn vị", "Đã công bố", "Số mới", "Lý do")
_WARNING_HEADS = ("Mức độ", "Nội dung", "Phụ trách")


def _outcome(digest: Digest) -> str:
    stands = f"bản {digest.release_id} giữ nguyên" if digest.release_id else "chưa có bản công bố nào"
    return {
        PUBLISHED: f"Đã công bố bản {digest.release_id}.",
        NOTHING_NEW: f"Không có dữ liệu mới; {stands}.",
        BLOCKED: f"Bị chặn, không công bố; {stands}. Lý do: {digest.outcome.reason}",
        FAILED: f"Lần chạy bị lỗi, không công bố; {stands}. Lý do: {digest.outcome.reason}",
    }[digest.outcome.kind]


def _quarters(digest: Digest) -> list[tuple[str, ...]]:
    return [
        (
            f"{each.rule.name_vi}: {each.period}",
            format_day(each.starts_on),
            format_day(each.ends_on),
            "đã chốt" if each.is_closed else "chưa chốt: số liệu chưa đến hết kỳ",
        )
        for each in digest.quarters
    ]


def _export(export: Export) -> tuple[str, ...]:
    told = "đã đến" if export.has_arrived else "**QUÁ HẠN**" if export.is_late else "chưa đến"
    quarter = export.quarter
    place = f"{quarter.rule.name_vi}: {quarter.period}"
    return export.source, place, format_day(export.data_through), format_day(quarter.due_on), told


def _name(row: Row) -> str:
    rule = rule_name(row["rule_version"])
    name = row["name_vi"] or row["indicator_code"]
    return f"{name} ({rule[0]})" if rule else str(name)


def _where(row: Row) -> str:
    return f"{row['unit_name']}, {row['field_name']}" if row["field_name"] else str(row["unit_name"])


def _value(row: Row) -> str:
    if row["measure_type"] != "ratio":
        return format_measure(row["value"], row["measure_type"])
    share = format_ratio(row["numerator"], row["denominator"])
    return f"{share} ({format_number(row['numerator'])}/{format_number(row['denominator'])})"


def _target(row: Row) -> tuple[str, ...]:
    goal = format_measure(row["target"], row["measure_type"])
    return row["period_key"], _name(row), _where(row), _value(row), goal


def _restated(row: Row) -> tuple[str, ...]:
    published = format_measure(row["published_value"], row["measure_type"])
    return (
        row["period_key"],
        _name(row),
        _where(row),
        published,
        _value(row),
        reason(row["restatement_reason"])[0],
    )


def _warning(row: Row) -> tuple[str, ...]:
    severity, owner = (_named(prefix, row[prefix]) for prefix in ("severity", "owner"))
    return severity, row.get("message_vi") or row["message"], owner


def _named(prefix: str, code: str) -> str:
    text = label(f"{prefix}_{code}")[0]
    return code if text == f"{prefix}_{code}" else text


def _section(title: str, heads: tuple[str, ...], found: Iterable[tuple[str, ...]], nothing: str) -> list[str]:
    listed = list(found)
    return [f"## {title}", *(_table(heads, listed) if listed else [nothing, ""])]


def _table(heads: tuple[str, ...], found: Iterable[tuple[str, ...]]) -> list[str]:
    line: Callable[[Iterable[str]], str] = lambda cells: f"| {' | '.join(map(_cell, cells))} |"  # noqa: E731
    return [line(heads), line("---" for _ in heads), *map(line, found), ""]


def _cell(text: str) -> str:
    """A bar would end the cell, and a line the table."""
    return " ".join(text.split()).replace("|", "\\|")
