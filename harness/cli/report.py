"""`v2x-harness report`: write the reports of a bundle again, or show them.

v2x-harness report build [BUNDLE]
v2x-harness report open [BUNDLE]
"""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.evidence.bundle import Bundle, newest_bundle, open_bundle
from harness.evidence.json import read_run
from harness.evidence.recorder import assemble
from harness.report.all import PAGE, write_reports

OK, WRONG_USE = 0, 3


def main(arguments: Sequence[str]) -> int:
    """Run the command; what is wrong with a bundle is raised as `UsageError` or `BenchError`."""
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as leave:
        return WRONG_USE if leave.code else OK
    bundle = open_bundle(given.bundle) if given.bundle else newest_bundle(given.out)
    return _build(bundle) if given.action == "build" else _open(bundle)


def _build(bundle: Bundle) -> int:
    """Everything from ``run.json``; after a crash that is put together first from what the cases left behind."""
    run = read_run(bundle.run)
    if not run.complete:
        run = assemble(bundle, complete=False)
        print("the run did not end; its record is put together from what lies there", file=sys.stderr)
    for path in write_reports(bundle, run):
        print(path)
    return OK


def _open(bundle: Bundle) -> int:
    page = bundle.folder / PAGE
    if not page.is_file():
        raise UsageError(f"{page} is missing; write it with `v2x-harness report build {bundle.folder}`")
    if not webbrowser.open(page.resolve().as_uri()):
        print("no browser was found; open this file in one", file=sys.stderr)
    print(page)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="v2x-harness report",
        description="build: write all reports of a bundle again, also after a run that crashed. open: show the page.",
    )
    parser.add_argument("action", choices=["build", "open"])
    parser.add_argument(
        "bundle", nargs="?", type=Path, metavar="BUNDLE", help="the bundle's folder (default: the newest)"
    )
    parser.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR", help="where bundles lie (reports/)")
    return parser
