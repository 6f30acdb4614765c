"""`make interop`: the whole suite against devices that nobody here wrote.

    python -m interop [--quick] [--only FAMILY|VARIANT] [--out FOLDER]

Families are `secc` (the foreign SECC, with and without TLS, with DC_BPT and with DC alone) and `ocpp` (stations and central
systems on other people's libraries). Most of the time goes into waiting, so several run side by side. A verdict, whichever it
is, is a success here; what counts is that every finding is explained by the device (interop/adjudicated*.yaml), and that every
one that is named there was met again.

Exit codes: 0 all explained, 1 something needs a decision, 4 a run broke or could not begin.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.errors import HarnessError
from interop.bench import BENCH_BROKE, command_against, device_file
from interop.findings import read_runs, report
from interop.setup_iso15118 import ROOT, SetupError
from interop.variants import ALL, FAMILIES, AnyVariant, chosen

_AT_ONCE = {"secc": 3, "ocpp": 5}
"""More, and the codecs of the SECCs take the time of two cores from each other."""
_LAST_VERDICT = 2  # 0 conformant, 1 nonconformity, 2 inconclusive


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m interop", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="what CI runs; what cannot run on this machine is left out"
    )
    parser.add_argument("--only", metavar="NAME", choices=[*FAMILIES, *(each.name for each in ALL)])
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "interop", help="where the bundles go")
    parser.add_argument("--select", help="parts of ids of cases, as `v2x-harness run` takes them")
    options = parser.parse_args(arguments)
    ready, missing = _make_ready(chosen(options.only, options.quick))
    for each in missing:
        print(f"Left out: {each}", file=sys.stderr)
    if not ready or (missing and not options.quick):
        return BENCH_BROKE
    codes = [
        code for family in FAMILIES for code in _run_all([each for each in ready if each.family == family], options)
    ]
    return _judge(codes, ready, options.out)


def _make_ready(variants: Sequence[AnyVariant]) -> tuple[list[AnyVariant], list[str]]:
    """Those that can be run, and why the others cannot."""
    ready, missing = [], []
    for each in variants:
        try:
            why = each.why_missing()
            if not why:
                each.make_ready()
        except SetupError as broken:
            why = str(broken)
        if why:
            missing.append(f"{each.name}: {why}")
        else:
            ready.append(each)
    return ready, missing


def _run_all(variants: Sequence[AnyVariant], options: argparse.Namespace) -> list[int]:
    if not variants:
        return []

    def drive(variant: AnyVariant) -> int:
        selection = options.select or variant.selection(options.quick)
        return _run(variant, selection, options.out / variant.name)

    with ThreadPoolExecutor(_AT_ONCE[variants[0].family]) as side_by_side:
        return list(side_by_side.map(drive, variants))


def _run(variant: AnyVariant, selection: str, out: Path) -> int:
    """One run, its progress on our own with the variant before each line."""
    suite = [str(Path(sys.executable).with_name("v2x-harness")), "run", str(device_file(variant)), "--out", str(out)]
    command = command_against(variant, [*suite, *(["--select", selection] if selection else [])])
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert running.stdout is not None
    for line in running.stdout:
        print(f"{variant.name:<12}{line.rstrip()}", file=sys.stderr, flush=True)
    return running.wait()


def _judge(codes: Sequence[int], variants: Sequence[AnyVariant], out: Path) -> int:
    if any(code > _LAST_VERDICT for code in codes):
        print(f"A run broke: exit codes {', '.join(map(str, codes))}", file=sys.stderr)
        return BENCH_BROKE
    try:
        runs = {name: run for name, run in read_runs(out).items() if name in {each.name for each in variants}}
    except HarnessError as unreadable:
        print(unreadable, file=sys.stderr)
        return BENCH_BROKE
    open_questions = report(runs)
    for each in open_questions:
        print(f"Needs a decision: {each}", file=sys.stderr)
    if not open_questions:
        print(f"Every finding is explained by interop/adjudicated*.yaml. Reports: {out}", file=sys.stderr)
    return 1 if open_questions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
