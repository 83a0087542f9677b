"""Keyed hashes of what must not be stored: persons become pseudonyms, ill-shaped cells unreadable marks.

The key is one random file of the home. Without it nobody can link a pseudonym to a name; if it is lost, the
same persons would get other pseudonyms, so a home with data refuses to make a new one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from dagster_project.errors import ConfigError

KEY_FILE = "pseudonym.key"
KEY_BYTES = 32
_HEX_DIGITS = 16
_SPACES = re.compile(r"\s+")


def load_key(secrets_dir: Path, has_data: bool) -> bytes:
    """The home's key; a home without data and without key gets a random one (mode 0600, written in one step).

    ConfigError where a home with data has no key, or the key file is not a key.
    """
    path = secrets_dir / KEY_FILE
    try:
        return _read_key(path)
    except FileNotFoundError:
        if has_data:
            raise ConfigError(
                f"{path}: missing, but this home holds data whose pseudonyms were made with it; "
                "put the file back from your backup, or start a new home and load everything again"
            ) from None
    secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_key(path)
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    if len(key) != KEY_BYTES:
        raise ConfigError(
            f"{path}: has {len(key)} bytes, a key has {KEY_BYTES}; put the file back from your backup"
        )
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return key


def _write_key(path: Path) -> None:
    """Write a whole key or none: a link fails if another process was first, then its key is the key."""
    temporary = path.with_name(f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(KEY_BYTES))
        os.fsync(handle)
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.close(handle)
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_HEX_DIGITS]


def pseudonym(text: str, key: bytes) -> str:
    """``P-`` and 16 hex digits for one name: the same for every way to write its accents and spaces."""
    return "P-" + _digest(key, _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip())


def keyed_hash(text: str, key: bytes) -> str:
    """16 hex digits for one rejected cell as it stood; never equal to the pseudonym of the same text."""
    return _digest(key, "cell\0" + text)


def pseudonymise(values: pa.Array | pa.ChunkedArray, key: bytes) -> pa.Array:
    """Pseudonyms for a text column; NULL and blank cells stay NULL. Each distinct name is hashed once."""
    return _map_distinct(values, lambda text: pseudonym(text, key) if text.strip() else None)


def keyed_hashes(values: pa.Array | pa.ChunkedArray, key: bytes) -> pa.Array:
    """``keyed_hash`` for a text column; NULL stays NULL."""
    return _map_distinct(values, lambda text: keyed_hash(text, key))


def _map_distinct(values: pa.Array | pa.ChunkedArray, make: Callable[[str], str | None]) -> pa.Array:
    encoded = values.cast(pa.string()).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    distinct = encoded.dictionary.to_pylist()
    made = pa.array([None if text is None else make(text) for text in distinct], pa.string())
    return made.take(encoded.indices)
