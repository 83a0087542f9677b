"""Names of officers, for the holder of the home's key and nobody else.

The warehouse never holds a name. Who has the key and the staff lists in landing can have the names beside
the pseudonyms: the lists are read again through their maps, and what becomes which pseudonym is noted on the
way. The table stays in ``secrets/`` (0600), so that it survives when a list is taken out of landing.
"""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dagster_project.errors import ConfigError
from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.landing import ClaimedFile, plan_landing
from dagster_project.ingest.pseudonyms import load_key

FILE_NAME = "officers.csv"
_COLUMNS = ("officer_id", "officer_name")
_STAFF_LIST = "officers"
_SPACES = re.compile(r"\s+")


def officer_names(secrets_dir: Path, maps: Sequence[SourceMap], landing: Path) -> dict[str, str]:
    """Name by pseudonym of everybody on a staff list, now or when last asked; rewrites the file.

    Only records of kind ``officers`` whose map gives names (not ``is_pseudonym``) are read: nobody but staff
    gets here. ConfigError where the key is missing or not to be read: then the caller is not its holder.
    """
    key = load_key(secrets_dir, has_data=True)
    path = secrets_dir / FILE_NAME
    names = {**_read(path), **_names_in(plan_landing(maps, landing).claimed, key)}
    if names:
        _write(path, names)
    return names


def _names_in(claims: Sequence[ClaimedFile], key: bytes) -> dict[str, str]:
    from dagster_project.ingest.keyed_session import connect
    from dagster_project.ingest.mapping import map_files

    seen: dict[str, str] = {}
    with connect(key, noted=seen) as session:
        for claim in _staff_lists(claims):
            map_files(session, [claim])
    return {pseudonym: _tidy(name) for name, pseudonym in sorted(seen.items())}


def _staff_lists(claims: Sequence[ClaimedFile]) -> Iterator[ClaimedFile]:
    """The files with a staff list that gives names, cut down to those records."""
    for claim in claims:
        records = [
            record
            for record in claim.input.records
            if record.kind == _STAFF_LIST
            and any(not leaf.is_pseudonym for leaf in record.columns["officer"].leaves())
        ]
        if records and claim.error is None:
            yield replace(claim, input=claim.input.model_copy(update={"records": records}))


def _tidy(name: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFC", name)).strip()


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return {row[_COLUMNS[0]]: row[_COLUMNS[1]] for row in csv.DictReader(handle)}
    except FileNotFoundError:
        return {}
    except (OSError, KeyError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({error}); delete it, it is made anew from landing"
        ) from None


def _write(path: Path, names: dict[str, str]) -> None:
    """Replace the file at once; it is nobody else's to read at any moment."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows(sorted(names.items()))
    scratch = path.with_name(f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text.getvalue())
            out.flush()
            os.fsync(out.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
