"""`make interop`: the whole suite against the foreign SECC, with and without TLS, as a device with DC_BPT and with DC alone.

    python -m interop [--quick] [--only VARIANT] [--out FOLDER]

Up to three variants run side by side, for most of the time goes into waiting. A verdict, whichever it is, is a success here;
what counts is that interop/adjudicated.yaml explains every finding by the device, and that every one it names was met again.

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
from harness.link.namespace import why_forbidden
from interop.bench import BENCH_BROKE, command_against, device_file
from interop.description import VARIANTS, Variant
from interop.findings import read_runs, report
from interop.setup_iso15118 import ROOT, SetupError, make_ready

_AT_ONCE = 3  # more, and the codecs take the time of two cores from each other
_LAST_VERDICT = 2  # 0 conformant, 1 nonconformity, 2 inconclusive
_LEFT_TO_BPT = ("Authorization", "Exi", "Messages", "Negotiation", "Sdp", "Tls", "V2gtp")
_LEFT_TO_DC = ("Sequence", "SessionId", "Timing")
"""Topics for which the service makes no difference: each is left to one of the two services, to halve the waiting."""
QUICK = (
    "CableCheck_001",
    "Exi_004",
    "Metering_001",
    "Negotiation_004",
    "Parameters_001",
    "PowerDelivery_004",
    "Sdp_001",
    "ServiceDetail_001",
    "ServiceSelection_001",
    "Session_001",
    "Stop_003",
    "Tls_001",
    "V2gtp_001",
    "Variant_001",
)
"""Enough for CI: from discovery to the end of a session, and findings of most kinds."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m interop", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help=f"{len(QUICK)} cases in each transport")
    parser.add_argument(
        "--only", metavar="VARIANT", choices=[each.name for each in VARIANTS], help="one of the variants"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "interop", help="where the bundles go")
    parser.add_argument("--select", help="parts of ids of cases, as `v2x-harness run` takes them")
    chosen = parser.parse_args(arguments)
    if (reason := why_forbidden()) is not None:
        print(f"Network namespaces are needed and do not work here: {reason}", file=sys.stderr)
        return BENCH_BROKE
    try:
        make_ready()
    except SetupError as missing:
        print(missing, file=sys.stderr)
        return BENCH_BROKE
    variants = [
        each for each in VARIANTS if chosen.only in (None, each.name) and (each.bidirectional or not chosen.quick)
    ]
    return _judge(_run_all(variants, chosen), variants, chosen.out)


def _run_all(variants: Sequence[Variant], chosen: argparse.Namespace) -> list[int]:
    def drive(variant: Variant) -> int:
        return _run(variant, _selection(variant, chosen), chosen.out / variant.name)

    with ThreadPoolExecutor(_AT_ONCE) as side_by_side:
        return list(side_by_side.map(drive, variants))


def _selection(variant: Variant, chosen: argparse.Namespace) -> str:
    if chosen.select:
        return str(chosen.select)
    if chosen.quick:
        return " or ".join(f"TC_SECC_{each}" for each in QUICK)
    left_out = _LEFT_TO_DC if variant.bidirectional else _LEFT_TO_BPT
    return " and ".join(f"not TC_SECC_{topic}_" for topic in left_out)


def _run(variant: Variant, selection: str, out: Path) -> int:
    """One run, its progress on our own with the variant before each line."""
    suite = [str(Path(sys.executable).with_name("v2x-harness")), "run", str(device_file(variant)), "--out", str(out)]
    command = command_against(variant, [*suite, *(["--select", selection] if selection else [])])
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert running.stdout is not None
    for line in running.stdout:
        print(f"{variant.name:<10}{line.rstrip()}", file=sys.stderr, flush=True)
    return running.wait()


def _judge(codes: Sequence[int], variants: Sequence[Variant], out: Path) -> int:
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
        print(f"Every finding is explained by interop/adjudicated.yaml. Reports: {out}", file=sys.stderr)
    return 1 if open_questions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
