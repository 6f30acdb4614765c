"""The device model of 2.x, as far as the station has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str, int | None]


@dataclass(slots=True)
class Variable:
    """A value with what may be done to it: ReadOnly, ReadWrite, WriteOnly."""

    value: str
    mutability: str = "ReadWrite"
    type: str = "string"
    unit: str | None = None
    allowed: tuple[str, ...] = ()
    shortest: int = 0
    longest: int = 1000


def integers(**values: int) -> dict[str, Variable]:
    return {name: Variable(str(value), type="integer", unit="s") for name, value in values.items()}


def booleans(**values: str) -> dict[str, Variable]:
    return {name: Variable(value, type="boolean", allowed=("true", "false")) for name, value in values.items()}


def fixed(**values: str) -> dict[str, Variable]:
    return {name: Variable(value, "ReadOnly") for name, value in values.items()}


_MEASURANDS = "Energy.Active.Import.Register,Energy.Active.Export.Register,Power.Active.Import,Power.Active.Export,SoC"


def device_model(version: str, identity: str, password: str) -> dict[Key, Variable]:
    """All variables in their factory state."""
    components: dict[tuple[str, int | None], Mapping[str, Variable]] = {
        ("ChargingStation", None): fixed(Model="ocpp-library", VendorName="PyPI", AvailabilityState="Available"),
        ("EVSE", 1): fixed(AvailabilityState="Available", Power="11000", SupplyPhases="3"),
        ("Connector", 1): fixed(AvailabilityState="Available", ConnectorType="cCCS2", SupplyPhases="3"),
        ("OCPPCommCtrlr", None): integers(HeartbeatInterval=60, OfflineThreshold=60, MessageTimeout=30)
        | {"MessageAttempts[TransactionEvent]": Variable("3", type="integer")}
        | {"MessageAttemptInterval[TransactionEvent]": Variable("5", type="integer", unit="s")}
        | fixed(NetworkConfigurationPriority="0", FileTransferProtocols="HTTPS"),
        ("SampledDataCtrlr", None): integers(TxUpdatedInterval=0, TxEndedInterval=0)
        | {f"Tx{each}Measurands": Variable(_MEASURANDS, type="MemberList") for each in ("Started", "Updated", "Ended")},
        ("AlignedDataCtrlr", None): integers(Interval=0, TxEndedInterval=0)
        | {f"{each}Measurands": Variable(_MEASURANDS, type="MemberList") for each in ("", "TxEnded")},
        ("TxCtrlr", None): integers(EVConnectionTimeOut=30)
        | booleans(StopTxOnInvalidId="true")
        | fixed(TxStartPoint="PowerPathClosed", TxStopPoint="Authorized,EVConnected", StopTxOnEVSideDisconnect="true"),
        ("AuthCtrlr", None): booleans(
            AuthorizeRemoteStart="false", LocalPreAuthorize="false", LocalAuthorizeOffline="false", Enabled="true"
        ),
        ("SmartChargingCtrlr", None): fixed(ProfileStackLevel="10", PeriodsPerSchedule="24", RateUnit="W"),
        ("ClockCtrlr", None): fixed(TimeSource="NTP"),
        ("DeviceDataCtrlr", None): fixed(
            **{
                f"{limit}[{message}]": value
                for limit, value in (("ItemsPerMessage", "20"), ("BytesPerMessage", "20000"))
                for message in ("GetReport", "GetVariables", "SetVariables")
            }
        ),
        ("SecurityCtrlr", None): {
            "BasicAuthPassword": Variable(password, "WriteOnly", shortest=16, longest=40),
            "Identity": Variable(identity, "ReadOnly"),
            "SecurityProfile": Variable("1", "ReadOnly", "integer"),
            "OrganizationName": Variable("PyPI", "ReadWrite"),
        },
    }
    if version == "2.1":
        components["V2XChargingCtrlr", 1] = {
            "Available": Variable("true", "ReadOnly", "boolean"),
            "Enabled": Variable("true", "ReadOnly", "boolean"),
            "SupportedOperationModes": Variable(
                "ChargingOnly,CentralSetpoint,CentralFrequency", "ReadOnly", "MemberList"
            ),
            "SupportedEnergyTransferModes": Variable("DC,DC_BPT", "ReadOnly", "MemberList"),
        }
    return {
        (component, name, evse): variable
        for (component, evse), variables in components.items()
        for name, variable in variables.items()
    }


def find(model: Mapping[Key, Variable], component: Mapping[str, Any], variable: Mapping[str, Any]) -> Variable | str:
    """The variable that is asked for, or the status that says why there is none."""
    evse = component.get("evse", {}).get("id")
    instance = variable.get("instance")
    found = model.get((component["name"], f"{variable['name']}[{instance}]" if instance else variable["name"], evse))
    if found is not None:
        return found
    known = any(name == component["name"] and place == evse for name, _, place in model)
    return "UnknownVariable" if known else "UnknownComponent"


def change(found: Variable, value: str) -> str:
    """Set it; the status of that."""
    fits = found.shortest <= len(value) <= found.longest and (not found.allowed or value in found.allowed)
    if found.mutability == "ReadOnly" or not fits or (found.type == "integer" and not value.isdecimal()):
        return "Rejected"
    found.value = value
    return "Accepted"


def told(model: Mapping[Key, Variable], base: str = "FullInventory") -> Iterator[dict[str, Any]]:
    """Entries of a report: everything, or what can be configured."""
    for (component, name, evse), variable in model.items():
        if base == "ConfigurationInventory" and variable.mutability == "ReadOnly":
            continue
        place: dict[str, Any] = {"name": component}
        if evse is not None:
            place["evse"] = {"id": evse} | ({"connector_id": 1} if component == "Connector" else {})
        attribute = {"mutability": variable.mutability}
        if variable.mutability != "WriteOnly":
            attribute["value"] = variable.value
        described: dict[str, Any] = {"data_type": variable.type, "supports_monitoring": False}
        if variable.unit:
            described["unit"] = variable.unit
        yield {
            "component": place,
            "variable": _named(name),
            "variable_attribute": [attribute],
            "variable_characteristics": described,
        }


def _named(name: str) -> dict[str, str]:
    """The name of a variable with its instance."""
    base, _, instance = name.partition("[")
    return {"name": base} | ({"instance": instance.rstrip("]")} if instance else {})
