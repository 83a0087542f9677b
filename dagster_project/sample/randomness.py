"""Random numbers by subject, so that one subject's draws never move another's."""

from __future__ import annotations

import hashlib

import numpy as np

from dagster_project.sample.options import Options


def stream(options: Options, name: str) -> np.random.Generator:
    """The generator of one subject: same seed and name, same numbers, whatever else was drawn before."""
    digest = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([options.seed, *words])))
