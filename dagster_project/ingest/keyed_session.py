"""A private DuckDB in memory that knows the two keyed functions; mapping does all its work in one.

Starting one costs more than a small file, so a session serves many batches and is emptied in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.ingest.pseudonyms import keyed_hashes, pseudonymise

_MOST_REMEMBERED = 200_000


def connect(key: bytes, noted: dict[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with the functions ``pseudonym`` and ``cell_hash`` over text.

    ``noted`` takes down pseudonyms by name, for the key's holder alone (``officer_names``); ingest has none.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false; set threads = 1")
    functions = {
        "pseudonym": _remembering(lambda texts: _note(noted, texts, pseudonymise(texts, key))),
        "cell_hash": _remembering(lambda texts: keyed_hashes(texts, key)),
    }
    # The stub of create_function knows no functions from Arrow to Arrow.
    create_function: Any = connection.create_function
    for name, function in functions.items():
        # special: a cell of spaces has no pseudonym, and NULL for a text is an error otherwise.
        create_function(name, function, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")
    return connection


def empty(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget all views, registered Arrow tables and tables of a session."""
    for kind in ("view", "table"):
        names = connection.execute(
            f"select schema_name, {kind}_name from duckdb_{kind}s() where not internal"
        ).fetchall()
        for schema, name in names:
            if schema == "main" and kind == "view":
                connection.unregister(name)
            connection.execute(f'drop {kind} if exists "{name}"')


def _note(noted: dict[str, str] | None, texts: pa.Array, made: pa.Array) -> pa.Array:
    if noted is not None:
        pairs = zip(texts.to_pylist(), made.to_pylist(), strict=True)
        noted.update((text, pseudonym) for text, pseudonym in pairs if text and pseudonym)
    return made


def _remembering(make: Callable[[pa.Array], pa.Array]) -> Callable[[pa.ChunkedArray], pa.Array]:
    """DuckDB hands over 2,048 cells at a time; a name is hashed once per session all the same."""
    known: dict[str, str | None] = {}

    def function(values: pa.ChunkedArray) -> pa.Array:
        encoded = pa.chunked_array([values]) if isinstance(values, pa.Array) else values
        encoded = encoded.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = (
                encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
            )
        texts = encoded.dictionary.to_pylist()
        new = [text for text in texts if text not in known]
        made = dict(zip(new, make(pa.array(new, pa.string())).to_pylist(), strict=True)) if new else {}
        found = [made[text] if text in made else known[text] for text in texts]
        if len(known) + len(made) <= _MOST_REMEMBERED:
            known.update(made)
        return pa.array(found, pa.string()).take(encoded.indices)

    return function
