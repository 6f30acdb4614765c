"""A command beside a foreign device: at the other end of a private cable where it is the SECC, else on loopback.

    python -m interop.bench [--variant NAME] -- COMMAND...

The near interface to the SECC is v2x0. Files are in .interop/<variant>: device.yaml to run the suite with, the SECC's log, and with TLS
a fresh PKI, of which tester/ is for the tester and secc/ for the simulator. The exit code is that of COMMAND; 4 when the
bench could not be built.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import HarnessError
from harness.link.namespace import isolated, veth_pair
from harness.pki.factory import make_pki
from harness.pki.recipe import read_recipe
from interop.description import Variant, write_description
from interop.partner import Partner, running
from interop.pki_layout import lay_out
from interop.secc_iso15118 import ForeignSecc
from interop.setup_iso15118 import ROOT, SetupError
from interop.variants import ALL, AnyVariant, named

# The sound chains, and those that an SECC has to refuse. On P-256, for its key agreement is fixed to secp256r1, with which
# OpenSSL takes no other keys in TLS 1.2.
_RECIPE = replace(read_recipe(ROOT / "certs" / "flawed.yaml"), algorithm="P-256")
_INSIDE = "--inside"
BENCH_BROKE = 4


def command_against(variant: AnyVariant, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` beside the foreign device; its `make_ready` has to come first.

    Raises `BenchError` where network namespaces are needed and not allowed.
    """
    inside = [sys.executable, "-m", "interop.bench", _INSIDE, "--variant", variant.name, "--", *command]
    return inside if isinstance(variant, Partner) else isolated(inside)


def device_file(variant: AnyVariant) -> Path:
    """The description that a run writes before its command starts."""
    return variant.folder / "device.yaml"


def _run_inside(command: Sequence[str], variant: AnyVariant) -> int:
    shutil.rmtree(variant.folder, ignore_errors=True)
    variant.folder.mkdir(parents=True)
    if isinstance(variant, Partner):
        with running(variant):
            print(f"The partner is started; its log is in {variant.folder}", file=sys.stderr, flush=True)
            return subprocess.run(command, check=False).returncode
    return _run_beside_secc(command, variant)


def _run_beside_secc(command: Sequence[str], variant: Variant) -> int:
    folder = variant.folder
    pki = _make_certificates(folder) if variant.tls else None
    with veth_pair() as (near, far), ForeignSecc(near, far, log=folder / "secc.log", pki=pki) as secc:
        secc.wait_until_ready()
        tester = folder / "tester" if variant.tls else None
        write_description(device_file(variant), variant, interface=near.interface, tester=tester)
        print(f"The foreign SECC is ready; its log is {folder / 'secc.log'}", file=sys.stderr, flush=True)
        code = subprocess.run(command, check=False).returncode
        if secc.restarts:
            print(f"The foreign SECC died and was started again {secc.restarts} times.", file=sys.stderr)
    return code


def _make_certificates(folder: Path) -> Path:
    pki = make_pki(_RECIPE, datetime.now(UTC))
    pki.write(folder / "tester")
    chain = pki.chains["secc"]
    secc = folder / "secc"
    return lay_out(secc, secc_chain=chain.chain_pem, secc_key=chain.key_pem, vehicle_roots=pki.roots_pem("oem_root"))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m interop.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--variant", default=ALL[0].name, choices=[each.name for each in ALL])
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="+", help="what to run at the near end")
    chosen = parser.parse_args(arguments)
    variant = named(chosen.variant)
    try:
        if chosen.inside:
            return _run_inside(chosen.command, variant)
        variant.make_ready()
        return subprocess.run(command_against(variant, chosen.command), cwd=ROOT, check=False).returncode
    except (HarnessError, SetupError) as broken:
        print(broken, file=sys.stderr)
        return BENCH_BROKE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
