"""The quarterly job in Dagster: it refreshes, tells what is late, and a backfill renders the release of a period."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.definitions import build_defs
from dagster_project.defs import ingest
from dagster_project.defs.quarterly import DAY
from dagster_project.errors import ConfigError
from dagster_project.publish.manifest import release_ids
from dagster_project.settings import Settings
from tests.integration.small import write_files, write_maps


@pytest.fixture
def posts() -> Iterator[tuple[str, list[str]]]:
    """A web server on the loopback and the texts that were posted to it."""
    texts: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", texts
    server.shutdown()


def _run(settings: Settings, day: str) -> tuple[dg.ExecuteInProcessResult, dict[str, object]]:
    """Run the job for a day; its result and the metadata of the digest."""
    with dg.DagsterInstance.ephemeral() as instance:
        job = build_defs(settings).resolve_job_def("quarterly_refresh")
        result = job.execute_in_process(instance=instance, raise_on_error=False, tags={DAY: day})
        (event,) = result.get_asset_materialization_events()
        return result, {name: each.value for name, each in event.materialization.metadata.items()}


def _backfill(settings: Settings, period: str) -> dict[str, object]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("periods", [period])
        job = build_defs(settings).resolve_job_def("publish_period")
        result = job.execute_in_process(instance=instance, partition_key=period)
        (event,) = result.get_asset_materialization_events()
        return {name: each.value for name, each in event.materialization.metadata.items()}


def test_a_year_of_quarterly_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, posts: tuple[str, list[str]]
) -> None:
    url, told = posts
    landing = tmp_path / "home" / "landing"
    write_files(landing, "dossiers-2024-01-31.csv", "steps-2024-01-31.csv")
    settings = Settings(home=tmp_path / "home", sources=write_maps(tmp_path / "maps"), webhook_url=url)  # type: ignore[call-arg]

    result, facts = _run(settings, "2024-01-06")
    (first,) = release_ids(settings.place)
    assert result.success and (facts["outcome"], facts["release_id"]) == ("published", first)
    assert told == [] and facts["exports_late"] == 0
    assert Path(str(facts["file"])).read_text(encoding="utf-8") == facts["digest"]
    assert str(facts["file"]).startswith(str(settings.place.reports))

    # nothing came since: no release is made, and both calendars miss the export of the first quarter
    result, facts = _run(settings, "2024-04-06")
    assert result.success and facts["outcome"] == "nothing_new"
    assert release_ids(settings.place) == [first]
    assert facts["exports_late"] == 2 and len(told) == 2
    assert told[0].startswith("cchc: quá hạn nộp tệp kết xuất: nguồn register, quý 2024Q1")

    # a correction of January comes with February; then a run fails, and the digest tells that too
    write_files(landing, "dossiers-2024-02-29.csv")
    result, facts = _run(settings, "2024-04-15")
    assert result.success and facts["outcome"] == "published"
    _, second = release_ids(settings.place)
    newest_log = sorted(settings.place.runs.glob("*/log"))[-1].read_text(encoding="utf-8")
    assert "quá hạn nộp tệp kết xuất" in newest_log

    def refuses(warehouse: Path) -> ingest.Ledger:
        raise ConfigError("register.yml: something is wrong; mend it")

    (landing / "dossiers-2024-03-31.csv").write_text("code\n", encoding="utf-8")
    monkeypatch.setattr(ingest, "Ledger", refuses)
    result, facts = _run(settings, "2024-04-16")
    assert not result.success and (facts["outcome"], facts["release_id"]) == ("failed", second)
    assert "something is wrong; mend it" in str(facts["digest"])
    monkeypatch.undo()

    # January was final in the first release: a backfill shows it as it was published then
    facts = _backfill(settings, "cal:2024-01")
    assert facts["release_id"] == first
    page = (settings.place.reports / "cal-2024-01" / "scorecard.html").read_text(encoding="utf-8")
    assert first in page and second not in page
    assert _backfill(settings, "cal:2024-02")["release_id"] == second


def test_the_schedule_starts_the_job_for_its_own_day(tmp_path: Path) -> None:
    defs = build_defs(Settings(home=tmp_path / "home"))  # type: ignore[call-arg]
    schedule = defs.resolve_schedule_def("quarterly_refresh")
    # 6 o'clock in Vietnam is still the evening before at Greenwich
    moment = datetime(2024, 9, 14, 23, 0, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=moment) as context:
        data = schedule.evaluate_tick(context)
    (request,) = data.run_requests or []
    assert (request.run_key, request.tags[DAY]) == ("2024-09-15", "2024-09-15")
    assert schedule.job_name == "quarterly_refresh"
