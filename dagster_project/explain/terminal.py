"""Shows the life of a dossier on the terminal, or as JSON."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from dagster_project.errors import ConfigError
from dagster_project.explain.life import Entry, Holder, Life, Step, Verdict, label
from dagster_project.explain.read import read_life
from dagster_project.home import Home
from dagster_project.scorecard.terminal import NOTHING, format_measure, format_number, write_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_CLOCK_STYLES = {"running": "green", "stopped": "yellow"}
_CALENDAR_NAMES = {"rep": "kỳ báo cáo 15–14", "cal": "quý dương lịch"}


def print_life(
    home: Home,
    dossier_code: str,
    namespace: str | None = None,
    calendar: str = "rep",
    output: str = "table",
    console: Console | None = None,
) -> None:
    """Print the life of one dossier as ``table`` or ``json``; ConfigError for others and for no dossier."""
    if output not in {"table", "json"}:
        raise ConfigError(f"--format {output}: unknown; choose table or json")
    life = read_life(home, dossier_code, namespace, calendar)
    if output == "json":
        write_json(asdict(life), sys.stdout)
        return
    from rich.console import Console

    out = console or Console()
    for line in heading(life):
        out.print(line, highlight=False, markup=False)
    _section(out, "Diễn biến", _timeline(life.timeline))
    _section(out, "Các bước xử lý (ngày làm việc)", _steps(life.steps) if life.steps else None)
    if life.holders:
        _section(out, "Trách nhiệm quá hạn", _holders(life.holders))
    _section(out, "Dấu hiệu bất thường", _findings(life) if life.findings else None)
    _section(
        out,
        f"Kết quả xét theo từng chỉ số (quý mới nhất, {_CALENDAR_NAMES[calendar]})",
        _verdicts(life.verdicts) if life.verdicts else None,
    )


def heading(life: Life) -> list[str]:
    """What the dossier is, where it stands and since when: the lines above the tables."""
    header = life.header
    late = f" ({header.late_days} ngày theo lịch)" if header.late_days else ""
    lines = [
        f"Hồ sơ {header.dossier_code} · {header.procedure_name or header.procedure_code}"
        f" · {header.field_name or NOTHING}",
        f"{header.unit_name} · thụ lý {header.officer_id} · {header.channel_name or NOTHING}",
        f"{label('timeliness', header.timeliness)} [{header.timeliness}]{late}"
        f" · {header.status_name or NOTHING} · tiếp nhận {when(header.received_at)}"
        f" · hẹn trả {when(header.due_at)} · kết thúc {when(header.finished_at)}",
        f"Số liệu đến {header.as_of_on:%d/%m/%Y} · bản công bố {life.release_id}",
    ]
    if header.flags:
        lines.append(f"Ghi chú dữ liệu: {header.flags}")
    if life.is_synthetic:
        lines.append("DỮ LIỆU MÔ PHỎNG – synthetic data, not a real department")
    return lines


def when(moment: datetime | None) -> str:
    """A moment as people write it, ``20/03/2024 17:00``; a dash where there is none."""
    return f"{moment:%d/%m/%Y %H:%M}" if moment is not None else NOTHING


def early_or_late(step: Step) -> str:
    """How a step ended against its limit, in words: sớm, đúng hạn, trễ; a dash without a limit."""
    if step.over_days is None:
        return NOTHING
    if step.over_days > 0:
        return f"trễ {step.over_days}"
    if step.finished_at is None:
        return "chưa xong"
    return f"sớm {-step.over_days}" if step.over_days < 0 else "đúng hạn"


def _section(out: Console, title: str, table: Table | None) -> None:
    from rich.text import Text

    out.print()
    out.print(Text(title, style="bold"))
    out.print(table if table is not None else "Không có.")


def _table(*labels: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in labels:
        table.add_column(name)
    return table


def _timeline(entries: tuple[Entry, ...]) -> Table:
    from rich.text import Text

    table = _table("Thời điểm", "Diễn biến", "Người giữ", "Thời hạn", "Căn cứ")
    for entry in entries:
        is_date = entry.kind in {"due_date", "plan", "recomputed"}
        told = Text(entry.text, style="cyan" if is_date else "")
        if entry.legal_source:
            told.append(f"\n{entry.legal_source}", style="dim")
        clock = entry.clock_state_code
        table.add_row(
            when(entry.at),
            told,
            Text("\n".join(part for part in (entry.holder, entry.officer_id) if part)),
            Text(label("clock", clock), style=_CLOCK_STYLES.get(clock or "", "dim")),
            Text(
                f"{label('basis', entry.basis)}" + (f"\n{entry.source}" if entry.source else ""), style="dim"
            ),
        )
    return table


def _steps(steps: tuple[Step, ...]) -> Table:
    from rich.text import Text

    table = _table("Bước", "Người giữ", "Nhận", "Chuyển", "Hạn", "Được phép", "Đã dùng", "Kết quả")
    for step in steps:
        table.add_row(
            Text(f"{step.step_no or ''} {step.name}".strip()),
            Text("\n".join(part for part in (step.unit_name, step.officer_id) if part)),
            when(step.started_at),
            when(step.finished_at),
            when(step.due_at),
            format_number(step.allowed_days),
            format_number(step.used_days),
            Text(early_or_late(step), style="red" if (step.over_days or 0) > 0 else ""),
        )
    return table


def _holders(holders: tuple[Holder, ...]) -> Table:
    from rich.text import Text

    table = _table(
        "Người giữ", "Khi hết hạn", "Đã dùng", "Được phép", "Vượt", "Phần trách nhiệm", "Nguyên nhân"
    )
    kinds = {True: "chủ quan", False: "khách quan", None: "chưa rõ"}
    for holder in holders:
        table.add_row(
            Text("\n".join(part for part in (holder.unit_name, holder.officer_id) if part)),
            "đang giữ" if holder.is_holder_at_due else "",
            format_number(holder.working_days_used),
            format_number(holder.working_days_allowed),
            format_number(holder.working_days_over),
            format_measure(holder.late_days_share, "ratio"),
            Text(f"{holder.cause_name} [{holder.cause_code}], {kinds[holder.is_subjective]}"),
        )
    return table


def _findings(life: Life) -> Table:
    from rich.text import Text

    table = _table("Mã", "Dấu hiệu", "Thời điểm", "Bằng chứng", "Nguồn")
    for finding in life.findings:
        table.add_row(
            Text(finding.finding_code),
            Text(finding.name),
            when(finding.found_at),
            Text(finding.evidence or ""),
            Text(finding.source or ""),
        )
    return table


def counted(verdict: Verdict) -> str:
    """How a dossier counts in a rate: in the numerator, in the denominator only, or left out and why."""
    if not verdict.in_denominator:
        reason = label("exclusions", verdict.exclusion_code) or "không thuộc diện xét"
        return f"loại: {reason}"
    return "tử số và mẫu số" if verdict.in_numerator else "chỉ mẫu số"


def _verdicts(verdicts: tuple[Verdict, ...]) -> Table:
    from rich.text import Text

    table = _table("Chỉ số", "Quy tắc", "Kỳ", "Được tính", "Căn cứ pháp lý")
    styles = {True: "green", False: "red", None: "dim"}
    for verdict in verdicts:
        running = "" if verdict.is_closed else " (chưa kết thúc)"
        table.add_row(
            Text(verdict.name),
            Text(f"{verdict.indicator_code} {verdict.rule_version}"),
            Text(f"{verdict.period_key}{running}"),
            Text(counted(verdict), style=styles[verdict.is_good]),
            Text(verdict.legal_source or "", style="dim"),
        )
    return table
