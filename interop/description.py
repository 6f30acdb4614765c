"""The descriptions of the foreign SECC: those in fixtures/devices, with the interface and the certificates of this run.

There is one variant for each transport and service. A bench that describes the device as DC alone meets it with an EV that
knows nothing of power transfer back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from interop.setup_iso15118 import ROOT, VERSION


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
    def source(self) -> Path:
        """The description it is made from."""
        return ROOT / "fixtures" / "devices" / f"iso15118-simulator{'-tls' if self.tls else ''}.yaml"


VARIANTS = tuple(Variant(tls, bidirectional) for bidirectional in (True, False) for tls in (False, True))


def variant_named(name: str) -> Variant:
    """Raises ValueError for what is no variant."""
    for variant in VARIANTS:
        if variant.name == name:
            return variant
    raise ValueError(f"{name} is none of {', '.join(each.name for each in VARIANTS)}")


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
