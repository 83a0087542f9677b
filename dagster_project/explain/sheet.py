"""Writes the process control sheet of one dossier: one HTML file that prints on A4 and links to nothing."""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from pathlib import Path
from string import Template

from dagster_project.errors import ConfigError
from dagster_project.explain.life import APPLICANT, Life, Step, label, labels
from dagster_project.explain.read import read_life
from dagster_project.explain.terminal import when
from dagster_project.home import Home
from dagster_project.scorecard.terminal import NOTHING, format_number


def write_sheet(home: Home, dossier_code: str, file: Path, namespace: str | None = None) -> Path:
    """Write the control sheet of a dossier to ``file``; its folder must be there.

    Raises ConfigError for an unknown dossier or a place that cannot be written.
    """
    page = render_sheet(read_life(home, dossier_code, namespace))
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"--sheet {file}: cannot be written ({error.strerror}); choose another file"
        ) from None
    return file


def render_sheet(life: Life) -> str:
    """The page of the sheet, complete in itself."""
    header = life.header
    form = _form(header.received_at)
    partners = sorted(
        {step.unit_name for step in life.steps if step.is_external and step.unit_id != APPLICANT}
    )
    late = f", {header.late_days} ngày theo lịch" if header.late_days else ""
    values = {
        "code": header.dossier_code,
        "form": f"{form['form']}, {form['source']}",
        "receiver": header.receiving_unit_name
        if header.receiving_unit_name != "unknown"
        else header.unit_name,
        "unit": header.unit_name,
        "partners": "; ".join(partners) or NOTHING,
        "procedure": f"{header.procedure_name or NOTHING} ({header.procedure_code})",
        "officer": header.officer_id,
        "received": when(header.received_at),
        "due": when(header.due_at),
        "finished": when(header.finished_at),
        "returned": when(header.returned_at),
        "result": f"{label('timeliness', header.timeliness)}{late}",
        "as_of": f"{header.as_of_on:%d/%m/%Y}",
        "release": life.release_id,
    }
    return Template(Path(__file__).with_name("sheet.html").read_text(encoding="utf-8")).substitute(
        {name: escape(value) for name, value in values.items()},
        synthetic='<p class="synthetic">DỮ LIỆU MÔ PHỎNG – không phải hồ sơ thật</p>'
        if life.is_synthetic
        else "",
        rows="\n".join(_row(place, step) for place, step in enumerate(life.steps, 1))
        or '<tr><td colspan="8" class="none">Không có dữ liệu về các bước xử lý</td></tr>',
    )


def _form(received_at: datetime | None) -> dict[str, str]:
    """The form that was in force on the day of receipt; the newest one where that day is not known."""
    forms: list[dict[str, str]] = labels()["sheet_forms"]
    day = received_at.date() if received_at else date.max
    return next((form for form in forms if day <= date.fromisoformat(str(form["until"]))), forms[-1])


def _row(place: int, step: Step) -> str:
    cells = [
        (str(place), "number"),
        (step.name or NOTHING, ""),
        (f"{step.unit_name}\n{step.officer_id or ''}".strip(), ""),
        (when(step.started_at), "moment"),
        (when(step.finished_at), "moment"),
        (when(step.due_at), "moment"),
        (f"{format_number(step.used_days)} / {format_number(step.allowed_days)}", "number"),
        (_result(step), "late" if (step.over_days or 0) > 0 else ""),
    ]
    told = "".join(
        f'<td class="{style}">{escape(text).replace(chr(10), "<br>")}</td>' for text, style in cells
    )
    return f"<tr>{told}</tr>"


def _result(step: Step) -> str:
    if step.over_days is None:
        return "Ngoài thời hạn" if step.is_external else NOTHING
    if step.over_days > 0:
        return f"Quá hạn {step.over_days} ngày"
    if step.finished_at is None:
        return "Đang xử lý"
    return f"Trước hạn {-step.over_days} ngày" if step.over_days < 0 else "Đúng hạn"
