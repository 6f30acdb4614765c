"""Configuration keys of OCPP 1.6: read, written, refused, complete."""

from collections.abc import Mapping
from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, one_of, test_case

_CORE = (
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
)
"""The keys that every charge point has."""


def keys(seen: Observation) -> dict[str, Mapping[str, Any]]:
    """The entries in an answer to GetConfiguration, by key."""
    return {each["key"]: each for each in reading("configurationKey")(seen) or ()}


@test_case(
    "TC_STATION_Configuration16_001",
    covers="OCPP16:get-configuration",
    pics=STATION.OCPP_16,
    detects=("station-16-hides-unknown-keys", "station-16-all-writable", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_keys_are_told_and_unknown_ones_named(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the keys that are asked for, which of them are read-only, and which it does not know.

    Given   a station that is connected
    when    the CSMS asks for HeartbeatInterval, NumberOfConnectors and a key that nobody has
    then    the first is writable with a number as its value, the second read-only, the third unknown
    """
    await station.ready()
    asked = await csms.call("GetConfiguration", {"key": ["HeartbeatInterval", "NumberOfConnectors", "TesterKey"]})
    told = keys(asked.outcome)
    beat, connectors = told.get("HeartbeatInterval", {}), told.get("NumberOfConnectors", {})
    number = str(beat.get("value", "")).isdigit() and beat.get("readonly") is False
    check.holds(number, expected="a writable number", actual=str(dict(beat)), advice="HeartbeatInterval is in seconds.")
    count = connectors.get("value") == str(station.evses) and connectors.get("readonly") is True
    wanted = f"{station.evses}, read-only"
    check.holds(count, expected=wanted, actual=str(dict(connectors)), advice="Count connectors, and say readonly.")
    advice = "List what you do not know in unknownKey."
    check.that(asked.outcome, reading("unknownKey"), equals(["TesterKey"]), advice=advice)


@test_case(
    "TC_STATION_Configuration16_002",
    covers="OCPP16:core-keys",
    pics=STATION.OCPP_16,
    detects=("station-16-lacks-keys", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_the_core_keys_are_there(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station has the configuration keys that every charge point has.

    Given   a station that is connected
    when    the CSMS asks for all keys
    then    those that the Core profile requires are among them
    """
    await station.ready()
    asked = await csms.call("GetConfiguration", {})
    missing = [key for key in _CORE if key not in keys(asked.outcome)]
    advice = "Tell all keys where none is named, the read-only ones included."
    check.holds(
        not missing, expected="every key of Core", actual=f"none of {missing[:5]}", seen=asked.outcome, advice=advice
    )


@test_case(
    "TC_STATION_Configuration16_003",
    covers="OCPP16:change-configuration",
    pics=STATION.OCPP_16,
    detects=("station-16-ignores-configuration", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_keys_are_set_or_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sets a key, does not know another, and refuses what is read-only or makes no sense.

    Given   a station that is connected
    when    the CSMS changes ConnectionTimeOut, an unknown key, NumberOfConnectors, and ConnectionTimeOut to text
    then    the answers are Accepted, NotSupported, Rejected and Rejected, and ConnectionTimeOut is what was accepted
    """
    await station.ready()
    before = await csms.get_variable("TxCtrlr", "EVConnectionTimeOut") or "60"
    for key, value, wanted in (
        ("ConnectionTimeOut", "77", "Accepted"),
        ("TesterKey", "1", "NotSupported"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("ConnectionTimeOut", "soon", "Rejected"),
    ):
        sent = await csms.call("ChangeConfiguration", {"key": key, "value": value})
        check.that(sent.outcome, outcome, equals(wanted), advice=f"{key} = {value!r} is {wanted}.")
    after = await csms.get_variable("TxCtrlr", "EVConnectionTimeOut")
    check.holds(after == "77", expected="77", actual=f"{after}", advice="Keep what was accepted, and nothing else.")
    await csms.set_variable("TxCtrlr", "EVConnectionTimeOut", before)


@test_case(
    "TC_STATION_Triggers16_001",
    covers=("OCPP16:trigger",),
    pics=STATION.OCPP_16,
    detects=("station-ignores-triggers", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_every_message_can_be_triggered(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sends each message that a TriggerMessage can ask for, where it has it.

    Given   a station that is idle
    when    the CSMS triggers BootNotification, Heartbeat, StatusNotification, MeterValues and the two about transfers
    then    each is accepted and comes; those about transfers may be NotImplemented
    """
    await station.ready()
    for message, connector in (
        ("BootNotification", None),
        ("Heartbeat", None),
        ("StatusNotification", 1),
        ("MeterValues", 1),
    ):
        sent = await csms.trigger(message, connector)
        check.that(sent.outcome, outcome, equals("Accepted"), advice=f"{message} can always be sent.")
        told = await csms.expect(message, within=station.pixit.answer_time)
        came = told.name.startswith(message)
        check.holds(came, expected=message, actual=told.name, seen=told, advice="Send it after the answer.")
    for message in ("DiagnosticsStatusNotification", "FirmwareStatusNotification"):
        sent = await csms.trigger(message)
        check.that(sent.outcome, outcome, one_of(("Accepted", "NotImplemented")), advice="Say which it is.")
        told = await csms.expect(message, within=station.pixit.answer_time)
        right = told.name.startswith(message) == sent.accepted
        check.holds(
            right, expected=f"{message} if Accepted", actual=told.name, seen=told, advice="Send what is accepted."
        )
