"""The descriptions of the foreign SECC: those in fixtures/devices, with the interface and the certificates of this run.

There is one variant for each transport and service. A bench that describes the device as DC alone meets it with an EV that
knows nothing of power transfer back. Topics for which the service makes no difference are left to one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.link.namespace import why_forbidden
from interop.setup_iso15118 import ROOT, VERSION, make_ready

_LEFT_TO_BPT = ("Authorization", "Exi", "Messages", "Negotiation", "Sdp", "Tls", "V2gtp")
_LEFT_TO_DC = ("Sequence", "SessionId", "Timing")
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


@dataclass(frozen=True, slots=True)
class Variant:
    """How the device is met: with TLS or without, as a device with DC_BPT or one with DC alone."""

    tls: bool
    bidirectional: bool

    @property
    def name(self) -> str:
        """As on the command line, in folders and in tables."""
        return f"{'tls' if self.tls else 'plain'}-{'bpt' if self.bidirectional else 'dc'}"

    @property
    def family(self) -> str:
        """The set of variants that it belongs to."""
        return "secc"

    @property
    def folder(self) -> Path:
        """Where a run keeps its description, log and certificates."""
        return ROOT / ".interop" / self.name

    @property
    def is_quick(self) -> bool:
        """Whether CI runs it."""
        return self.bidirectional

    def why_missing(self) -> str:
        """What this machine lacks for it; empty when it can be run."""
        reason = why_forbidden()
        return "" if reason is None else f"network namespaces are needed and do not work here: {reason}"

    def make_ready(self) -> None:
        """Install what it runs on. Raises SetupError."""
        make_ready()

    def selection(self, quick: bool) -> str:
        """What of the suite it is run with, as `v2x-harness run --select` takes it."""
        if quick:
            return " or ".join(f"TC_SECC_{each}" for each in QUICK)
        left_out = _LEFT_TO_DC if self.bidirectional else _LEFT_TO_BPT
        return " and ".join(f"not TC_SECC_{topic}_" for topic in left_out)

    @property
    def source(self) -> Path:
        """The description it is made from."""
        return ROOT / "fixtures" / "devices" / f"iso15118-simulator{'-tls' if self.tls else ''}.yaml"


VARIANTS = tuple(Variant(tls, bidirectional) for bidirectional in (True, False) for tls in (False, True))


def write_description(path: Path, variant: Variant, *, interface: str, tester: Path | None) -> Path:
    """Write the YAML for a run on `interface`; `tester` holds the PKI of the tester where there is TLS."""
    description: dict[str, Any] = yaml.safe_load(variant.source.read_text())
    description["device"]["firmware"] = VERSION
    description["device"]["serial"] = variant.name
    description["roles"]["secc"]["interface"] = interface
    if not variant.bidirectional:
        description["pics"]["secc"].remove("DC_BPT")
    if tester is not None:
        vehicle = {"chain": str(tester / "vehicle/chain.pem"), "key": str(tester / "vehicle/key.pem")}
        description["certificates"] = {"v2g": {**vehicle, "roots": [str(tester / "roots/v2g_root.pem")]}}
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    return path
