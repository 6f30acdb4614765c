"""`v2x-harness certs`: make a PKI from a recipe, or check a chain against its profile.

v2x-harness certs make RECIPE --out DIR
v2x-harness certs check CHAIN.pem [--profile secc|vehicle|...] [--roots ROOTS.pem]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from harness.errors import DescriptionError, UsageError
from harness.pki.check import check_chain, guess_profile, key_type
from harness.pki.factory import make_pki
from harness.pki.profiles import CHAINS
from harness.pki.recipe import read_recipe
from harness.resources import resource
from harness.suggest import did_you_mean

CONFORMANT, NONCONFORMANT, WRONG_USE = 0, 1, 3


def main(argv: Sequence[str], now: datetime | None = None) -> int:
    """Exit code 0: made, or no deviation; 1: the chain deviates; 3: wrong arguments or unreadable files."""
    now = now or datetime.now(UTC)
    try:
        chosen = _arguments().parse_args(argv)
        if chosen.command == "make":
            return _make(chosen.recipe, chosen.out, now)
        return _check(chosen.chain, chosen.profile, chosen.roots, now)
    except (UsageError, DescriptionError) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USE


def _make(recipe: Path, out: Path, now: datetime) -> int:
    pki = make_pki(read_recipe(_found(recipe)), now)
    try:
        paths = pki.write(out)
    except OSError as refused:
        raise UsageError(f"{out} cannot be written: {refused.strerror}; name another directory with --out") from refused
    for path in paths:
        print(path)
    return CONFORMANT


def _check(chain: Path, profile: str | None, roots: Path | None, now: datetime) -> int:
    presented = _certificates(chain)
    profile = profile or guess_profile(presented[0])
    if profile is None:
        raise UsageError(f"{chain} does not say what it is for; name it: --profile {'|'.join(CHAINS)}")
    deviations = check_chain(presented, profile, now, _certificates(roots) if roots else ())
    for number, certificate in enumerate(presented, start=1):
        print(f"{number}. {_described(certificate)}")
    for deviation in deviations:
        print(deviation)
    print(_summary(chain, profile, len(deviations), with_roots=roots is not None))
    return NONCONFORMANT if deviations else CONFORMANT


def _described(certificate: x509.Certificate) -> str:
    size = len(certificate.public_bytes(Encoding.DER))
    lasting = f"{certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d}"
    return f"{certificate.subject.rfc4514_string()}, {key_type(certificate)}, {lasting}, {size} octets"


def _summary(chain: Path, profile: str, deviations: int, *, with_roots: bool) -> str:
    if deviations:
        return f"{chain} deviates from the {profile} profile in {deviations} point{'s' if deviations > 1 else ''}."
    reach = "" if with_roots else " Whether its root is trusted was not checked; name roots with --roots."
    return f"{chain} fits the {profile} profile.{reach}"


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as unreadable:
        raise UsageError(f"{path} cannot be read: {unreadable.strerror}") from unreadable
    except ValueError as wrong:
        raise UsageError(
            f"{path} holds no PEM certificates ({wrong}); convert DER with: openssl x509 -inform der -in FILE"
        ) from wrong


def _found(recipe: Path) -> Path:
    """The recipe where it is named, else the one of that name which the harness brings along."""
    if recipe.exists():
        return recipe
    own = {path.stem: path for path in resource("certs").glob("*.yaml")}
    if str(recipe) in own:
        return own[str(recipe)]
    raise UsageError(f"there is no recipe {recipe}: {did_you_mean(str(recipe), sorted(own))}")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().rstrip()}")


def _arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="v2x-harness certs", description="Make a PKI from a recipe, or check a chain.")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="make keys and certificates from a recipe")
    make.add_argument(
        "recipe", type=Path, help="a YAML recipe, or the name of one that comes along: standard, lab, flawed"
    )
    make.add_argument("--out", type=Path, required=True, help="directory to write to; nothing there is overwritten")
    check = commands.add_parser("check", help="say what deviates from the certificate profile")
    check.add_argument("chain", type=Path, help="PEM file, leaf first, as the device presents it")
    check.add_argument("--profile", choices=list(CHAINS), help="what the chain is for; by default what its leaf says")
    check.add_argument("--roots", type=Path, help="PEM file of the roots that its peer trusts")
    return parser
