"""One line to whom it concerns: the webhook, where one is configured."""

from __future__ import annotations

import json
import sys
import urllib.request

from dagster_project.settings import Settings


def notify(settings: Settings, text: str, **facts: str) -> None:
    """Send ``text`` with ``facts`` as JSON to the webhook; one line on stderr when it cannot be reached."""
    if not settings.webhook_url:
        return
    body = json.dumps({**facts, "text": text}).encode()
    request = urllib.request.Request(
        settings.webhook_url, body, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except OSError as problem:
        print(f"cchc: webhook not reached: {problem}", file=sys.stderr)
