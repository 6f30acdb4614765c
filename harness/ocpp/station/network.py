"""Network profiles and what may be written to variables that concern the connection (OCPP 2.1 B09, B10, A05)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.ocpp.station.certificates import Certificates
from harness.ocpp.station.model import DeviceModel, Place
from harness.ocpp.station.wire import Payload, status

_FIELDS = {
    "ocppCsmsUrl": "OcppCsmsUrl",
    "ocppInterface": "OcppInterface",
    "ocppTransport": "OcppTransport",
    "messageTimeout": "MessageTimeout",
    "securityProfile": "SecurityProfile",
    "identity": "Identity",
    "basicAuthPassword": "BasicAuthPassword",
}
_SCHEMES = ("ws://", "wss://")


@dataclass(slots=True)
class Network:
    """The slots of NetworkConfiguration; `profile` is the highest security profile of a connection that stood."""

    variables: DeviceModel
    certificates: Certificates
    profile: int

    def connected(self, profile: int) -> None:
        """A connection stands by a security profile; what is lower than it goes for good (A05.FR.06)."""
        if profile <= self.profile:
            return
        self.profile = profile
        active = self.variables.members("OCPPCommCtrlr.NetworkConfigurationPriority")
        kept = [
            slot for slot in active if self.variables.number(f"NetworkConfiguration[{slot}].SecurityProfile") >= profile
        ]
        self.variables.put("OCPPCommCtrlr.NetworkConfigurationPriority", ",".join(kept))
        for slot in set(active) - set(kept):
            self.variables.put(f"NetworkConfiguration[{slot}].OcppCsmsUrl", "")

    def set_profile(self, request: Payload, _now: float) -> dict[str, Any]:
        """SetNetworkProfile (B09)."""
        slot, data = str(request["configurationSlot"]), request["connectionData"]
        if slot not in self.variables.at(Place("OCPPCommCtrlr", "NetworkConfigurationPriority")).within:
            return status("Rejected", "InvalidConfSlot")
        if slot in self.variables.members("OCPPCommCtrlr.NetworkConfigurationPriority"):
            return status("Rejected", "PriorityNetworkConf")
        if self._lowers(data["securityProfile"]):
            return status("Rejected", "NoSecurityDowngrade")
        if data["ocppTransport"] != "JSON" or not data["ocppCsmsUrl"].startswith(_SCHEMES):
            return status("Rejected", "InvalidNetworkConf")
        for field, variable in _FIELDS.items():
            if field in data:
                self.variables.put(f"NetworkConfiguration[{slot}].{variable}", str(data[field]))
        return status("Accepted")

    def judge(self, place: Place, value: str) -> str:
        """The reason code for which a value is refused, beyond its form; "" when it may be written."""
        if place.component == "NetworkConfiguration":
            active = self.variables.members("OCPPCommCtrlr.NetworkConfigurationPriority")
            if place.part in active:
                return "PriorityNetworkConf"
            if place.variable == "SecurityProfile" and self._lowers(int(value)):
                return "NoSecurityDowngrade"
        if place.variable == "NetworkConfigurationPriority":
            return next((reason for slot in value.split(",") if (reason := self._slot_fault(slot.strip()))), "")
        return ""

    def _slot_fault(self, slot: str) -> str:
        if slot == self.variables.text("OCPPCommCtrlr.ActiveNetworkProfile"):
            return ""
        if not self.variables.text(f"NetworkConfiguration[{slot}].OcppCsmsUrl"):
            return "InvalidNetworkConf"
        wanted = int(self.variables.number(f"NetworkConfiguration[{slot}].SecurityProfile"))
        if self._lowers(wanted):
            return "NoSecurityDowngrade"
        if wanted >= 2 and not any(kind == "CSMSRootCertificate" for kind, _ in self.certificates.roots):
            return "InvalidNetworkConf"
        return "InvalidNetworkConf" if wanted == 3 and "ChargingStationCertificate" not in self.certificates.own else ""

    def _lowers(self, wanted: int) -> bool:
        """A lower security profile is refused; only from 3 to 2 it can be allowed (A05.FR.08 to .10)."""
        if wanted >= self.profile:
            return False
        allowed = self.variables.flag("SecurityCtrlr.AllowSecurityProfileDowngrade")
        return not (allowed and (self.profile, wanted) == (3, 2))
