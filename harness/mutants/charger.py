"""The faulty chargers whose two sides do not go together: each protocol looks right, and what one heard the other does not do."""

from __future__ import annotations

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import put, says, scale
from harness.fault.signal import Fixed, Latched, Scaled, reversed_signal

_NEEDS = "chargingNeeds.v2xChargingParameters"


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"charger-{name}", "charger", what, faults)


CATALOGUE: tuple[Mutant, ...] = (
    _mutant("keeps-first-setpoint", "brings only its first setpoint to the EV", Latched("site_setpoint")),
    _mutant("reversed-setpoint", "brings setpoints to the EV with the wrong sign", reversed_signal("site_setpoint")),
    _mutant("setpoint-in-kilowatts", "takes W of the CSMS for kW of the SECC", Scaled("site_setpoint", 0.001)),
    _mutant("generous-setpoint", "gives the EV a quarter more than was asked for", Scaled("site_setpoint", 1.25)),
    _mutant("authorises-unasked", "lets EVs charge whoever was authorised", Fixed("site_authorised", 1.0)),
    _mutant("never-authorises", "tells its SECC of nobody who was authorised", Fixed("site_authorised", 0.0)),
    _mutant(
        "needs-doubled",
        "doubles what the EV says it can give",
        says("NotifyEVChargingNeeds", scale(f"{_NEEDS}.maxDischargePower", 2.0)),
    ),
    _mutant(
        "needs-per-cent",
        "tells a state of charge where an energy is asked for",
        says("NotifyEVChargingNeeds", put(f"{_NEEDS}.evTargetEnergyRequest", 80)),
    ),
    _mutant(
        "departure-forgotten",
        "tells a departure of its own",
        says("NotifyEVChargingNeeds", put("chargingNeeds.departureTime", "2030-01-01T06:00:00Z")),
    ),
    _mutant(
        "another-evccid",
        "names another EV than the one that spoke",
        says(
            "TransactionEvent", put("idToken.additionalInfo", [{"additionalIdToken": "XX0000000000", "type": "EVCCID"}])
        ),
    ),
    _mutant("imagined-soc", "makes the EV's state of charge up", Fixed("soc", 93.0)),
)
