"""The device model of an embedded reference station as its PICS claim it: what is not claimed is not there (OCPP 2.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_MODES: Mapping[str, str] = {
    "ChargingOnly": "SMART_CHARGING",
    "CentralSetpoint": "V2X_CENTRAL_SETPOINT",
    "CentralFrequency": "V2X_CENTRAL_FREQUENCY",
    "LocalFrequency": "V2X_LOCAL_FREQUENCY",
    "ExternalSetpoint": "V2X_EXTERNAL_SETPOINT",
    "ExternalLimits": "V2X_EXTERNAL_LIMITS",
    "LocalLoadBalancing": "V2X_LOCAL_LOAD_BALANCING",
    "Idle": "V2X_IDLE",
}
_UNITS: Mapping[str, str] = {"A": "RATE_UNIT_A", "W": "RATE_UNIT_W"}
_PURPOSES: Mapping[str, str] = {"PriorityCharging": "PRIORITY_CHARGING", "LocalGeneration": "LOCAL_GENERATION"}
_FLAGS: Mapping[str, str] = {
    "SupportsDynamicProfiles": "DYNAMIC_PROFILES",
    "SupportsMaxOfflineDuration": "MAX_OFFLINE_DURATION",
    "SupportsUseLocalTime": "LOCAL_TIME",
    "SupportsRandomizedDelay": "RANDOMIZED_DELAY",
    "SupportsLimitAtSoC": "LIMIT_AT_SOC",
    "SupportsEvseSleep": "EVSE_SLEEP",
}
_CONTROLLER = "SmartChargingCtrlr"
_RENEGOTIATES = "ISO15118Ctrlr.ServiceRenegotiationSupport"


def claimed_variables(claims: Collection[str]) -> dict[str, str]:
    """Values of the variables that say what a station supports, from claims such as ``STATION.V2X_IDLE``."""

    def among(known: Mapping[str, str]) -> str:
        return ",".join(name for name, item in known.items() if f"STATION.{item}" in claims)

    return {
        "V2XChargingCtrlr.SupportedOperationModes": among(_MODES),
        f"{_CONTROLLER}.RateUnit": among(_UNITS),
        f"{_CONTROLLER}.SupportedAdditionalPurposes": among(_PURPOSES),
        _RENEGOTIATES: str("STATION.SERVICE_RENEGOTIATION" in claims).lower(),
        **{f"{_CONTROLLER}.{name}": str(f"STATION.{item}" in claims).lower() for name, item in _FLAGS.items()},
    }
