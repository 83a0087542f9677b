"""The papers of the dossiers that were sent to the national portal: what was handed in, and the result."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from dagster_project.sample.catalog import Catalog
from dagster_project.sample.columns import numbered, only_where, texts
from dagster_project.sample.intake import Bools, Ints
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream

COMPONENTS_PER_PROCEDURE = 3
FROM_CITIZEN_STORE = 0.35  # of the re-used papers


def make_components(
    options: Options, catalog: Catalog, dossiers: pd.DataFrame, results: pd.DataFrame
) -> pd.DataFrame:
    """Components, by dossier: one or two papers of each synced dossier, and the electronic result it has.

    ``results``: result_code and dossier_no; a dossier without result there has none in its component either.
    ``document_code`` is a running number over the whole sample.
    """
    rng = stream(options, "components")
    synced = np.flatnonzero(dossiers["is_synced"].to_numpy())
    papers = rng.integers(1, 3, len(synced))
    with_result = dossiers["has_electronic_result"].to_numpy()[synced]
    count = papers + with_result
    dossier = np.repeat(synced, count)
    starts = np.cumsum(count) - count
    place = np.arange(len(dossier)) - np.repeat(starts, count)
    is_result = place == np.repeat(papers, count)
    digitized = dossiers["has_digitized_components"].to_numpy()[dossier] | is_result
    reused = dossiers["is_reusing_data"].to_numpy()[dossier] & ~is_result & (place == 0)
    procedure = dossiers["procedure_no"].to_numpy()[dossier]
    kind = np.where(is_result, COMPONENTS_PER_PROCEDURE, place)
    component = procedure * (COMPONENTS_PER_PROCEDURE + 1) + kind + 1
    return pd.DataFrame(
        {
            "dossier_no": dossier,
            "document_code": texts(numbered("", np.arange(len(dossier)) + 900_001, 9)),
            "component_code": texts(numbered("KQ.G13.", component, 6)),
            "is_result": is_result,
            "is_digitized": digitized,
            "is_reused": reused,
            "is_from_citizen_store": reused & (rng.random(len(dossier)) < FROM_CITIZEN_STORE),
            "result_code": _result_codes(dossiers, results, dossier, is_result),
        }
    )


def _result_codes(
    dossiers: pd.DataFrame, results: pd.DataFrame, dossier: Ints, is_result: Bools
) -> pd.Series:
    """The code of the dossier's result in the result rows, missing everywhere else."""
    numbers = results["dossier_no"].to_numpy()
    row_of = np.full(len(dossiers), -1, dtype=np.int64)
    issued = np.flatnonzero(numbers >= 0)
    row_of[numbers[issued]] = issued
    row = np.where(is_result, row_of[dossier], -1)
    codes = pa.array(results["result_code"].to_numpy(dtype=object), pa.string())
    if not len(codes):
        codes = pa.nulls(1, pa.string())
    return texts(only_where(row >= 0, codes.take(pa.array(np.maximum(row, 0)))))
