"""What an EV needs, as NotifyEVChargingNeeds carries it: of ISO 15118-20 with V2X parameters, and of ISO 15118-2.

Powers in W and >= 0, energies in Wh, currents in A; parameters carry the names of the wire.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_V2X = {
    "minChargePower": 0.0,
    "maxChargePower": 11_000.0,
    "minDischargePower": 0.0,
    "maxDischargePower": 10_000.0,
    "evTargetEnergyRequest": 20_000.0,
    "evMinEnergyRequest": -5_000.0,
    "evMaxEnergyRequest": 25_000.0,
    "evMinV2XEnergyRequest": -8_000.0,
    "evMaxV2XEnergyRequest": 15_000.0,
}


def v2x_needs(
    requested: str = "DC_BPT",
    *,
    available: Sequence[str] = ("DC", "DC_BPT"),
    control: str = "DynamicControl",
    **parameters: float,
) -> dict[str, Any]:
    """ChargingNeedsType of OCPP 2.1 for an EV with ISO 15118-20; `parameters` are those of v2xChargingParameters that differ
    from an EV that can charge with 11 kW, discharge with 10 kW, and is within its V2X window."""
    return {
        "requestedEnergyTransfer": requested,
        "availableEnergyTransfer": list(available),
        "controlMode": control,
        "v2xChargingParameters": _V2X | parameters,
    }


def dc_needs(watts: int = 9_000, *, energy: int = 20_000) -> dict[str, Any]:
    """ChargingNeedsType for an EV with ISO 15118-2 that charges on DC, at 400 V, with up to `watts`."""
    said = {"energyAmount": energy, "evMaxCurrent": watts // 400, "evMaxVoltage": 400, "evMaxPower": watts}
    return {"requestedEnergyTransfer": "DC", "dcChargingParameters": said}


def ac_needs(amperes: int = 16, *, energy: int = 20_000) -> dict[str, Any]:
    """ChargingNeedsType for an EV with ISO 15118-2 that charges on three phases with up to `amperes` on each."""
    said = {"energyAmount": energy, "evMinCurrent": 6, "evMaxCurrent": amperes, "evMaxVoltage": 230}
    return {"requestedEnergyTransfer": "AC_three_phase", "acChargingParameters": said}
