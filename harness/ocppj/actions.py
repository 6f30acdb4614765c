"""The actions of each OCPP version: who may start them, and whether they are answered (OCPP 2.1 part 2, messages).

The names are those of the wire. Sources disagree about the direction of two actions of 2.1; these are marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from harness.ocppj.versions import Version

Party = Literal["station", "csms"]
PARTIES: tuple[Party, Party] = ("station", "csms")


def other(party: Party) -> Party:
    """The one at the far end."""
    return "csms" if party == "station" else "station"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `starters` may send the request; `disputed`: sources disagree on that; a SEND is not `answered`."""

    name: str
    starters: frozenset[Party]
    answered: bool = True
    disputed: bool = False


_STATION_1_6 = """
    Authorize BootNotification DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat MeterValues
    StartTransaction StatusNotification StopTransaction
    LogStatusNotification SecurityEventNotification SignCertificate SignedFirmwareStatusNotification
"""
_CSMS_1_6 = """
    CancelReservation ChangeAvailability ChangeConfiguration ClearCache ClearChargingProfile GetCompositeSchedule
    GetConfiguration GetDiagnostics GetLocalListVersion RemoteStartTransaction RemoteStopTransaction ReserveNow Reset
    SendLocalList SetChargingProfile TriggerMessage UnlockConnector UpdateFirmware
    CertificateSigned DeleteCertificate ExtendedTriggerMessage GetInstalledCertificateIds GetLog InstallCertificate
    SignedUpdateFirmware
"""
_STATION_2_0_1 = """
    SecurityEventNotification SignCertificate BootNotification Heartbeat NotifyReport Authorize TransactionEvent
    StatusNotification ReservationStatusUpdate MeterValues ClearedChargingLimit NotifyChargingLimit NotifyEVChargingNeeds
    NotifyEVChargingSchedule ReportChargingProfiles FirmwareStatusNotification PublishFirmwareStatusNotification
    Get15118EVCertificate GetCertificateStatus LogStatusNotification NotifyCustomerInformation NotifyEvent
    NotifyMonitoringReport NotifyDisplayMessages
"""
_CSMS_2_0_1 = """
    CertificateSigned GetBaseReport GetReport GetVariables Reset SetNetworkProfile SetVariables ClearCache
    GetLocalListVersion SendLocalList GetTransactionStatus RequestStartTransaction RequestStopTransaction TriggerMessage
    UnlockConnector ChangeAvailability CancelReservation ReserveNow CostUpdated ClearChargingProfile GetChargingProfiles
    GetCompositeSchedule SetChargingProfile PublishFirmware UnpublishFirmware UpdateFirmware DeleteCertificate
    GetInstalledCertificateIds InstallCertificate ClearVariableMonitoring CustomerInformation GetLog GetMonitoringReport
    SetMonitoringBase SetMonitoringLevel SetVariableMonitoring ClearDisplayMessage GetDisplayMessages SetDisplayMessage
"""
_STATION_2_1 = f"""{_STATION_2_0_1}
    NotifySettlement VatNumberValidation NotifyPriorityCharging PullDynamicScheduleUpdate GetCertificateChainStatus
    NotifyPeriodicEventStream OpenPeriodicEventStream ClosePeriodicEventStream NotifyDERAlarm NotifyDERStartStop
    ReportDERControl BatterySwap
"""
_CSMS_2_1 = f"""{_CSMS_2_0_1}
    NotifyWebPaymentStarted ChangeTransactionTariff ClearTariffs GetTariffs SetDefaultTariff UpdateDynamicSchedule
    UsePriorityCharging AdjustPeriodicEventStream GetPeriodicEventStream AFRRSignal NotifyAllowedEnergyTransfer
    ClearDERControl GetDERControl SetDERControl RequestBatterySwap
"""
_BOTH = "DataTransfer"
_UNANSWERED = frozenset({"NotifyPeriodicEventStream"})
_DISPUTED = frozenset({"ClosePeriodicEventStream", "NotifyWebPaymentStarted"})

_STARTED_BY: Mapping[Version, Mapping[Party, str]] = {
    "1.6": {"station": _STATION_1_6, "csms": _CSMS_1_6},
    "2.0.1": {"station": _STATION_2_0_1, "csms": _CSMS_2_0_1},
    "2.1": {"station": _STATION_2_1, "csms": _CSMS_2_1},
}


@cache
def actions(version: Version) -> Mapping[str, Action]:
    """All actions of a version by name; those of 1.6 with its security extension."""
    starters: dict[str, frozenset[Party]] = {}
    for party in PARTIES:
        for name in f"{_STARTED_BY[version][party]} {_BOTH}".split():
            starters[name] = starters.get(name, frozenset()) | {party}
    return {name: Action(name, who, name not in _UNANSWERED, name in _DISPUTED) for name, who in starters.items()}
