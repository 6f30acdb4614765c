"""`v2x-harness run`: a thin front for pytest that shows progress and says where the report is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.catalogue import case_functions
from harness.device.description import DeviceDescription, load_description
from harness.errors import HarnessError, UsageError
from harness.evidence.json import record_text
from harness.evidence.record import RunRecord
from harness.plugin.hooks import FRONTED, RECORD, REFUSED
from harness.plugin.progress import Progress
from harness.plugin.run import run_of
from harness.plugin.select import selected
from harness.resources import resource
from harness.suggest import nearest

_AT_ONCE = 6
"""Cases at once in real time: they mostly wait, so that this keeps two cores far from busy."""
_WORTH_A_PROCESS = 20
"""Cases in virtual time that take longer than the start of another process."""


def main(arguments: Sequence[str]) -> int:
    """Test a device; the exit code is the run's (see `v2x-harness run --help`)."""
    given = _parser().parse_args(arguments)
    own = "reference-charger-virtual.yaml" if given.virtual_time else "reference-charger.yaml"
    device = Path(given.device) if given.device else resource("fixtures", "devices", own)
    description = load_description(device)  # says what is wrong with it before anything is set up
    quick = given.quick or (given.device is None and not given.all and not given.virtual_time)
    workers = _workers(given, description, _selected(given.select))
    shown, kept = Progress(sys.stderr), _Keep()
    with _undisturbed():
        code = pytest.main(_pytest_arguments(given, device, quick, workers), plugins=[shown, kept])
    record = kept.record
    if record is None:
        return _without_record(kept.refused, code, shown)
    if code == pytest.ExitCode.INTERNAL_ERROR:
        print(shown.hidden_output(), file=sys.stderr)  # the harness itself broke: pytest says where
    shown.conclude(record, kept.folder)
    if given.json:
        print(record_text(record))
    return record.exit_code


def _selected(expression: str | None) -> int:
    """How many cases `--select` means; raises `UsageError` where that is none."""
    known = case_functions()
    count = len(known) if expression is None else len(selected(expression, known))
    if not count:
        meant = nearest(expression or "", known)
        meaning = f"did you mean {meant}? " if meant else ""
        raise UsageError(f"--select {expression!r} matches no case: {meaning}`v2x-harness list` names them")
    return count


def _without_record(refused: HarnessError | None, code: int, shown: Progress) -> int:
    """The run never began: say why."""
    if refused is not None:
        raise refused
    print(shown.hidden_output(), file=sys.stderr)
    return 3 if code == pytest.ExitCode.USAGE_ERROR else 4


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep out of a run what else this machine has for pytest: plugins and options of other projects."""
    before = dict(os.environ)
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Keep:
    """Takes what came of the run out of pytest's hands."""

    def __init__(self) -> None:
        self.record: RunRecord | None = None
        self.folder: Path | None = None
        self._config: pytest.Config | None = None

    @property
    def refused(self) -> HarnessError | None:
        """Why the run did not begin."""
        return self._config.stash.get(REFUSED, None) if self._config is not None else None

    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        early_config.stash[FRONTED] = True
        self._config = early_config

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        run = run_of(session.config)
        self.record = session.config.stash.get(RECORD, None)
        self.folder = run.bundle.folder if run is not None and run.bundle is not None else None


def _pytest_arguments(given: argparse.Namespace, device: Path, quick: bool, workers: int) -> list[str]:
    cases = resource("testcases")
    arguments = [str(cases), "-c", str(cases / "pytest.ini"), f"--rootdir={cases}"]
    arguments += ["-p", "harness.plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider"]
    arguments += ["--assert=plain"]  # cases assert nothing, so that their compiled files serve
    arguments += ["--capture=no"]  # the operator of a bench is asked on the terminal
    arguments += ["--device", str(device), "--out", given.out, "--seed", str(given.seed)]
    if given.select:
        arguments += ["-k", given.select]
    if given.mutant:
        arguments += ["--mutant", given.mutant]
    if workers > 1:
        arguments += ["-n", str(workers)]
    flags = {"--virtual-time": given.virtual_time, "--quick": quick, "--strict-field": given.strict_field}
    return arguments + [flag for flag, wanted in flags.items() if wanted]


def _workers(given: argparse.Namespace, description: DeviceDescription, cases: int) -> int:
    """How many cases run at once. Each embedded device has one EV of its own; a real one has a single outlet."""
    if given.workers is not None and given.workers < 1:
        raise UsageError(f"-n {given.workers}: at least one case runs at a time")
    if not description.bench.embedded:
        if (given.workers or 1) > 1:
            raise UsageError(f"-n {given.workers}: {description.title} has one outlet, so its cases run one by one")
        return 1
    jumping = min(os.cpu_count() or 1, 1 + cases // _WORTH_A_PROCESS)
    return min(cases, given.workers or (jumping if given.virtual_time else _AT_ONCE))


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
    parser.add_argument(
        "--quick",
        action="store_true",
        help="leave out cases that need longer than 10 s, or 30 s on both sides of a charger",
    )
    parser.add_argument("--out", metavar="DIR", default="reports", help="where the report bundle goes (reports/)")
    parser.add_argument("--mutant", metavar="NAME", help="make the embedded reference device faulty")
    parser.add_argument("--virtual-time", action="store_true", help="embedded device in memory, time jumps")
    parser.add_argument("--strict-field", action="store_true", help="field findings fail the run")
    parser.add_argument("-n", "--workers", type=int, metavar="N", help="cases at once, of the embedded device")
    parser.add_argument("--seed", type=int, default=0, help="seed of what cases draw at random")
    parser.add_argument("--json", action="store_true", help="print the run record on stdout")
    return parser
