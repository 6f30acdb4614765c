"""`v2x-harness run`: a thin front for pytest that shows progress and says where the report is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.device.description import load_description
from harness.errors import UsageError
from harness.evidence.json import record_text
from harness.evidence.record import RunRecord
from harness.mutants import find_mutant
from harness.plugin.hooks import RECORD
from harness.plugin.progress import Progress
from harness.plugin.run import run_of
from harness.resources import resource

_AT_ONCE = 6
"""Cases at once in real time: they mostly wait, so that this keeps two cores far from busy."""


def main(arguments: Sequence[str]) -> int:
    """Test a device; the exit code is the run's (see `v2x-harness run --help`)."""
    given = _parser().parse_args(arguments)
    embedded = given.device is None
    own = "reference-secc-virtual.yaml" if given.virtual_time else "reference-secc.yaml"
    device = Path(given.device) if given.device else resource("fixtures", "devices", own)
    load_description(device)  # says what is wrong with it before anything is set up
    if given.mutant:
        find_mutant(given.mutant)
    quick = given.quick or (embedded and not given.all and not given.virtual_time)
    shown = Progress(sys.stderr)
    code = pytest.main(_pytest_arguments(given, device, quick), plugins=[shown, _Keep()])
    record, folder = _Keep.record, _Keep.folder
    if record is None:
        return _without_record(code, shown, given.select)
    if code == pytest.ExitCode.INTERNAL_ERROR or (not record.cases and not record.bench_errors):
        print(shown.hidden_output(), file=sys.stderr)  # the harness itself broke: pytest says where
    shown.conclude(record, folder)
    if given.json:
        print(record_text(record))
    return record.exit_code


def _without_record(code: int, shown: Progress, select: str | None) -> int:
    """Nothing was recorded: say why, and map pytest's exit code to ours."""
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError(f"--select {select!r} matches no case; `v2x-harness list` names them")
    print(shown.hidden_output(), file=sys.stderr)
    return 3 if code in (3, pytest.ExitCode.USAGE_ERROR) else 4


class _Keep:
    """Takes the finished record out of pytest's hands."""

    record: RunRecord | None = None
    folder: Path | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        run = run_of(session.config)
        _Keep.record = session.config.stash.get(RECORD, None)
        _Keep.folder = run.bundle.folder if run is not None and run.bundle is not None else None


def _pytest_arguments(given: argparse.Namespace, device: Path, quick: bool) -> list[str]:
    cases = resource("testcases")
    arguments = [str(cases), "-c", str(cases / "pytest.ini"), f"--rootdir={cases}", "-p", "no:cacheprovider"]
    arguments += ["--device", str(device), "--out", given.out, "--seed", str(given.seed)]
    if given.select:
        arguments += ["-k", given.select]
    if given.mutant:
        arguments += ["--mutant", given.mutant]
    if (workers := _workers(given)) > 1:
        arguments += ["-n", str(workers)]
    flags = {"--virtual-time": given.virtual_time, "--quick": quick, "--strict-field": given.strict_field}
    return arguments + [flag for flag, wanted in flags.items() if wanted]


def _workers(given: argparse.Namespace) -> int:
    """How many cases run at once. Each embedded device has one EV of its own; a real one has a single outlet."""
    if given.device is not None and not given.virtual_time:
        return 1
    return int(given.workers or (_AT_ONCE if not given.virtual_time else os.cpu_count() or 1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="v2x-harness run",
        description="Test a device. Without DEVICE.yaml the embedded reference charger is tested.",
        epilog="Exit codes: 0 conformant, 1 nonconformity, 2 something stayed inconclusive, 3 wrong arguments or"
        " description, 4 the bench broke.",
    )
    parser.add_argument("device", nargs="?", metavar="DEVICE.yaml", help="description of the device under test")
    parser.add_argument("--select", metavar="EXPR", help="cases to run: parts of ids or names, with and, or, not")
    parser.add_argument("--all", action="store_true", help="run the long cases of the embedded device too")
    parser.add_argument("--quick", action="store_true", help="leave out cases that need longer than 10 s")
    parser.add_argument("--out", metavar="DIR", default="reports", help="where the report bundle goes (reports/)")
    parser.add_argument("--mutant", metavar="NAME", help="make the embedded reference device faulty")
    parser.add_argument("--virtual-time", action="store_true", help="embedded device in memory, time jumps")
    parser.add_argument("--strict-field", action="store_true", help="field findings fail the run")
    parser.add_argument("-n", "--workers", type=int, metavar="N", help="cases at once, of the embedded device")
    parser.add_argument("--seed", type=int, default=0, help="seed of what cases draw at random")
    parser.add_argument("--json", action="store_true", help="print the run record on stdout")
    return parser
