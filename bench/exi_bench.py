"""Charge-loop messages a second through the EXI codec, both ways, and the ratio to the codec of a partner stack.

    python bench/exi_bench.py [--rounds N] [--seconds S] [--partner-python PATH]

The message is a BPT_Dynamic DC_ChargeLoopReq of 72 octets. Our own figures are medians over CPU time, on one core. The
partner is the PyPI package `iso15118`, whose codec runs in a Java process of its own: the ratio therefore compares
elapsed times. Without Java or the partner's environment the ratio is left out, and the output says why.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.exi import codec_for
from harness.messages import SCHEMAS

ROOT = Path(__file__).parents[1]
PARTNER = ROOT / ".interop" / "venv" / "bin" / "python"
GOAL = 5000
LOOP_REQUEST = bytes.fromhex(
    "8034040081018202830384080e2cfaa06201b98441fc2807c0280e020c0a01060780831130410560102000001000960800c203040056"
    "0102081b810000008001e020c01408000000"
)


def rate(work: Callable[[Any], Any], argument: Any, seconds: float, clock: Callable[[], float]) -> float:
    """Calls a second, by the given clock, over about `seconds`."""
    calls, start = 0, clock()
    while (spent := clock() - start) < seconds:
        for _ in range(50):
            work(argument)
        calls += 50
    return calls / spent


def median_rates(rounds: int, seconds: float, clock: Callable[[], float]) -> dict[str, float]:
    """Messages a second, encoded and decoded."""
    codec = codec_for(SCHEMAS["DC"])
    message = codec.decode(LOOP_REQUEST)
    if codec.encode(message) != LOOP_REQUEST:
        raise SystemExit("the codec does not give the golden octets; its speed means nothing")
    work: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "encode": (codec.encode, message),
        "decode": (codec.decode, LOOP_REQUEST),
    }
    return {name: statistics.median(rate(*job, seconds, clock) for _ in range(rounds)) for name, job in work.items()}


def partner_rates(python: Path, rounds: int, seconds: float) -> dict[str, float] | str:
    """The partner's messages a second by elapsed time, or why there are none."""
    if shutil.which("java") is None:
        return "no Java runtime on the path"
    if not python.exists():
        return f"{python} does not exist; `make interop` sets it up"
    command = [str(python), str(ROOT / "bench" / "exi_partner.py"), LOOP_REQUEST.hex(), str(rounds), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        return f"the partner's codec failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}"
    rates: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return rates


def main() -> int:
    """Print the figures; exit code 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a round")
    parser.add_argument("--partner-python", type=Path, default=PARTNER)
    arguments = parser.parse_args()
    ours = median_rates(arguments.rounds, arguments.seconds, time.process_time)
    for name, found in ours.items():
        print(f"{name}: {found:8.0f} messages/s (median of {arguments.rounds} rounds, CPU time, goal {GOAL})")
    partner = partner_rates(arguments.partner_python, arguments.rounds, arguments.seconds)
    if isinstance(partner, str):
        print(f"partner: not measured, {partner}")
    else:
        elapsed = median_rates(arguments.rounds, arguments.seconds, time.perf_counter)
        for name, found in partner.items():
            print(
                f"partner {name}: {found:8.0f} messages/s, ratio {elapsed[name] / found:.1f} (elapsed time, same run)"
            )
    return 0 if min(ours.values()) >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
