"""`v2x-harness doctor`: can this bench reach the device? One line per check, with the remedy where something is wrong.

It connects and disconnects, and reads the meter; it starts no session and triggers no action.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from harness.cli.doctor_files import certificates
from harness.cli.doctor_machine import machine
from harness.cli.doctor_reach import reach
from harness.cli.symptom import State, Symptom, fine
from harness.device.description import DeviceDescription, load_description
from harness.errors import DescriptionError

WELL, WRONG_DESCRIPTION, ILL = 0, 3, 4


def main(argv: Sequence[str], now: datetime | None = None) -> int:
    """Exit code 0: nothing is broken; 3: the description or the arguments are wrong; 4: something is broken."""
    parser = argparse.ArgumentParser(
        prog="v2x-harness doctor", description="Check whether this bench can reach the device."
    )
    parser.add_argument("device", nargs="?", metavar="DEVICE.yaml", help="without it, only this machine is looked at")
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("reports"), help="where reports would go")
    try:
        given = parser.parse_args(argv)
    except SystemExit as ended:
        return WRONG_DESCRIPTION if ended.code else WELL
    try:
        return _examine(given.device, given.out, now or datetime.now(UTC))
    except DescriptionError as wrong:
        print(f"v2x-harness doctor: {wrong}", file=sys.stderr)
        return WRONG_DESCRIPTION
    except KeyboardInterrupt:
        return ILL


def _examine(device: str | None, reports: Path, now: datetime) -> int:
    description = load_description(device) if device else None
    seen: list[Symptom] = []

    def tell(symptom: Symptom) -> None:
        print(symptom, flush=True)
        seen.append(symptom)

    for symptom in machine(now, reports):
        tell(symptom)
    if description is not None:
        tell(fine(f"{device} describes {description.title} as {', '.join(description.roles.names)}"))
        for symptom in certificates(description.certificates, now, embedded=description.bench.embedded):
            tell(symptom)
        asyncio.run(_tell_reach(description, tell))
    return _conclusion(seen, device)


async def _tell_reach(description: DeviceDescription, tell: Callable[[Symptom], None]) -> None:
    async for symptom in reach(description):
        tell(symptom)


def _conclusion(seen: Sequence[Symptom], device: str | None) -> int:
    bad = sum(symptom.state is State.BROKEN for symptom in seen)
    if bad:
        print(f"\n{bad} of {len(seen)} checks found something broken.")
        return ILL
    print(f"\nNothing is broken. Next: v2x-harness run{f' {device}' if device else ''}")
    return WELL
