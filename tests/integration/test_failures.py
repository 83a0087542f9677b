"""A step that fails: the ingest is tried again, a run that fails tells the webhook, errors keep their code."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.defs import ingest
from dagster_project.defs.in_process import run_refresh_job
from dagster_project.errors import ConfigError
from dagster_project.settings import Settings
from tests.integration.small import write_files, write_maps


@pytest.fixture
def received() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A web server on the loopback and what was posted to it."""
    posts: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", posts
    server.shutdown()


def settings(tmp_path: Path, **more: object) -> Settings:
    write_files(tmp_path / "home" / "landing")
    sources = write_maps(tmp_path / "maps")
    return Settings(home=tmp_path / "home", sources=sources, publish=False, **more)  # type: ignore[arg-type]


def test_ingest_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = ingest.Ledger

    def fails_once(warehouse: Path) -> ingest.Ledger:
        calls.append(warehouse)
        if len(calls) == 1:
            raise OSError("the disk was away")
        return original(warehouse)

    monkeypatch.setattr(ingest, "Ledger", fails_once)
    outcome = run_refresh_job(settings(tmp_path))
    assert outcome.success
    assert len(calls) == 2
    log = next((tmp_path / "home" / "runs").glob("*/log")).read_text()
    assert "ingest failed (OSError: the disk was away); trying again" in log


def test_a_failed_run_tells_the_webhook_and_keeps_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, received: tuple[str, list[dict[str, str]]]
) -> None:
    url, posts = received

    def refuses(warehouse: Path) -> ingest.Ledger:
        raise ConfigError("register.yml: something is wrong; mend it")

    monkeypatch.setattr(ingest, "Ledger", refuses)
    outcome = run_refresh_job(settings(tmp_path, webhook_url=url))
    assert not outcome.success
    assert outcome.exit_code == 2
    assert outcome.reason == "register.yml: something is wrong; mend it"
    assert [post["text"] for post in posts] == [
        "cchc: step ingest failed: register.yml: something is wrong; mend it"
    ]
    assert posts[0]["run_id"] == outcome.run_id
