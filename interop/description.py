"""The device description of the foreign SECC as it really is here: measured values, and the certificates of this run.

It is written for each run and not kept in fixtures/, because the certificate files it names exist only then.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from interop.setup_iso15118 import VERSION

_CLAIMS = ["DC", "DC_BPT", "SCHEDULED", "DYNAMIC", "MOBILITY_NEEDS_2", "EIM", "SDP", "METERING", "PAUSE"]
# As seen in DC_ChargeParameterDiscoveryRes of version 0.31.2; times from its log.
_PIXIT = {
    "nominal_voltage": "400 V",
    "maximum_voltage": "500 V",
    "minimum_voltage": "10 V",
    "maximum_charge_power": "1 kW",
    "minimum_charge_power": "100 W",
    "maximum_charge_current": "100 A",
    "maximum_discharge_power": "1 kW",
    "minimum_discharge_power": "100 W",
    "maximum_discharge_current": "100 A",
    "power_electronics": False,  # its simulated power stage says 1 V and 1 A whatever happens
    "evse_id": "UK123E1234",
    "authorisation": "free",
    "authorisation_time": "5 s",
    "cable_check_duration": "5 s",
    "discharge_limit_sign": "positive",
    "recovery_time": "7 s",  # it keeps TCP open for 5 s after a session and ignores SDP meanwhile
}


def write_description(path: Path, *, interface: str, tester: Path | None) -> Path:
    """Write the YAML for a run on `interface`; `tester` holds the PKI of the tester, None means plain TCP."""
    access = {"interface": interface, "transport": "sdp", "tls": "lab" if tester else False}
    description = {
        "device": {"vendor": "EcoG", "model": "iso15118-secc-simulator", "serial": "simulator", "firmware": VERSION},
        "roles": {"secc": access},
        "pics": {"secc": [*_CLAIMS, "WELDING_DETECTION", *(["TLS"] if tester else [])]},
        "pixit": {"secc": _PIXIT},
        "bench": {"trigger": {"kind": "none"}},
    }
    if tester:
        vehicle = {"chain": str(tester / "vehicle/chain.pem"), "key": str(tester / "vehicle/key.pem")}
        description["certificates"] = {"v2g": {**vehicle, "roots": [str(tester / "roots/v2g_root.pem")]}}
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    return path
