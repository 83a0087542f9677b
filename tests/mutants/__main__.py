"""``make mutants``: try every mutation, write docs/mutants.md, exit 1 where a wrong rule goes unnoticed."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT, Warehouse
from tests.mutants.model_runs import ModelRuns, Mutation, UnfitMutationError, read_mutations
from tests.reckoning import exports
from tests.reckoning.comparison import Reckoning, Sides
from tests.reckoning.random_histories import AS_OF, EXTRACTED_AT, PROCEDURES, random_histories

MUTATIONS = Path(__file__).with_name("mutations.yml")
PAGE = ROOT / "docs" / "mutants.md"
HISTORIES, SEED = 1_000, 4
STATES_AT = ["rep:2024Q1", "cal:2024Q2", "cal:2025H1", "rep:2025Q4", "cal:2026-10"]
HEAD = """\
# Mutants of the rule models

Written by `make mutants`. Each line changes one rule of one model (`tests/mutants/mutations.yml`) and says what
noticed it: a case of the model's dbt unit tests, else the random histories that an independent reckoning judges
({histories} of them, `tests/reckoning`). The project's files are not touched; the change is made in the manifest. A
text that no longer stands in its model, or a change that cannot run, is an error. A mutant that nothing notices
needs an explanation, or the command fails.

{count} mutants: {cases} noticed by cases, {by_histories} by histories only, {explained} explained.

| model | kind | the rule | changed to | noticed by |
| --- | --- | --- | --- | --- |
"""


class Histories:
    """Random histories in a built warehouse, and what the reckoning says of them."""

    def __init__(self, folder: Path) -> None:
        made = random_histories(HISTORIES, SEED)
        home = Warehouse(folder / "home", sources=folder / "sources", is_forked=False)
        exports.write_map(home.sources)
        exports.write_files(home.landing_folder, made, PROCEDURES, EXTRACTED_AT.strftime("%Y-%m-%d-%H%M"))
        home.refresh("--no-publish", timeout=1200)
        self.warehouse = home.build
        self.changed = folder / "changed" / "warehouse.duckdb"
        self.changed.parent.mkdir()
        self.reckoning = Reckoning(made, AS_OF, STATES_AT)
        self.before = self.differences(self.warehouse)

    def differences(self, warehouse: Path) -> dict[str, object]:
        """What differs between the reckoning and a warehouse."""
        sides = Sides(self.reckoning, warehouse)
        try:
            return dict(sides.all_differences())
        finally:
            sides.close()

    def notice(self, runs: ModelRuns, mutation: Mutation) -> bool:
        """Whether the changed model makes another warehouse of them."""
        shutil.copyfile(self.warehouse, self.changed)
        if not runs.build(mutation, self.changed):
            raise UnfitMutationError(f"{mutation.model}: cannot be built as «{mutation.becomes}»")
        return self.differences(self.changed) != self.before


def _cell(text: str) -> str:
    return "`" + " ".join(text.split()).replace("|", "\\|") + "`" if text.strip() else "(nothing)"


def _page(rows: list[tuple[Mutation, str, str]]) -> str:
    by_outcome = Counter(outcome for _, outcome, _ in rows)
    head = HEAD.format(
        histories=HISTORIES, count=len(rows), cases=by_outcome["cases"], by_histories=by_outcome["histories"],
        explained=by_outcome["explained"],
    )  # fmt: skip
    lines = [
        f"| {one.model} | {one.kind} | {_cell(one.was)} | {_cell(one.becomes)} | {shown} |"
        for one, _, shown in rows
    ]
    return head + "\n".join(lines) + "\n"


def main() -> int:
    """Try the mutations; the exit code says whether every wrong rule was noticed or is explained."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("models", nargs="*", help="only mutations of these models; the page is not written")
    chosen = parser.parse_args().models
    mutations = [one for one in read_mutations(MUTATIONS) if not chosen or one.model in chosen]
    rows: list[tuple[Mutation, str, str]] = []
    with tempfile.TemporaryDirectory() as scratch:
        histories = Histories(Path(scratch))
        runs = ModelRuns(histories.warehouse, Path(scratch) / "target")
        for mutation in mutations:
            runs.check(mutation)
        failing = runs.failing_without_change(sorted({one.model for one in mutations}))
        if failing:
            raise UnfitMutationError(f"unit tests fail without any change: {', '.join(failing)}")
        for mutation in mutations:
            cases, _ = runs.failing_cases(mutation)
            if cases:
                outcome, shown = "cases", ", ".join(cases)
            elif histories.notice(runs, mutation):
                outcome, shown = "histories", "histories"
            elif mutation.because:
                outcome, shown = "explained", f"nobody can: {mutation.because}"
            else:
                outcome, shown = "survived", "**nothing**"
            if mutation.because and outcome != "explained":
                raise UnfitMutationError(f"{mutation.model}: explained, yet noticed: {mutation.was}")
            rows.append((mutation, outcome, shown))
            print(f"{outcome:<10} {mutation.model}: {' '.join(mutation.becomes.split())[:90]}", flush=True)
    survivors = [one for one in rows if one[1] == "survived"]
    print(f"{len(rows)} mutants, {len(survivors)} unnoticed and unexplained")
    if not chosen:
        PAGE.write_text(_page(rows), encoding="utf-8")
    return 1 if survivors else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UnfitMutationError as error:
        print(f"make mutants: {error}", file=sys.stderr)
        sys.exit(2)
