"""Meter values that stations tell (OCPP 2.x block J, 1.6 MeterValues)."""

from harness.ocpp.readings import outcome
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, test_case

_TWO = CSMS.OCPP_21 | CSMS.OCPP_201
SIGNED = {
    "signedMeterData": "T0NNRnx7IkZWIjoiMS4wIn18eyJTQSI6IkVDRFNBIn0=",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "oca:base16:asn1:3059",
}
SAMPLES = (
    {"value": 1234.5},
    {"value": 1.2, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh", "multiplier": 3}},
    {"value": 3200.0, "measurand": "Power.Active.Import", "phase": "L1", "unitOfMeasure": {"unit": "W"}},
    {"value": 4950.0, "measurand": "Power.Active.Export", "location": "Inlet", "unitOfMeasure": {"unit": "W"}},
    {"value": 231.4, "measurand": "Voltage", "phase": "L1-N", "unitOfMeasure": {"unit": "V"}},
    {"value": 16.0, "measurand": "Current.Import", "context": "Sample.Clock", "unitOfMeasure": {"unit": "A"}},
    {"value": 71.0, "measurand": "SoC", "location": "EV", "unitOfMeasure": {"unit": "Percent"}},
    {"value": -3.5, "measurand": "Power.Reactive.Import", "unitOfMeasure": {"unit": "var"}},
    {"value": 49.98, "measurand": "Frequency", "unitOfMeasure": {"unit": "Hz"}},
)


@test_case(
    "TC_CSMS_MeterValues_001",
    covers=("J01.FR.18", "TC_J_01_CSMS"),
    pics=_TWO,
    detects=("csms-mute-meter-values",),
    lasts=5.0,
)
async def test_clock_aligned_values_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers clock-aligned meter values of an EVSE and of the main meter, while nothing is charged.

    Given   a booted station without a transaction
    when    it sends MeterValues of EVSE 1 and of EVSE 0, with many measurands, units and phases
    then    each is answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for evse in (1, 0):
        values = [{"timestamp": station.stamp(), "sampledValue": list(SAMPLES)}]
        told = await station.call("MeterValues", {"evseId": evse, "meterValue": values})
        check.that(told.outcome, outcome, equals("answered"), advice="Take measurands that you have no use for.")


@test_case(
    "TC_CSMS_MeterValues_002",
    covers=("J02.FR.19", "TC_J_02_CSMS", "TC_J_09_CSMS", "TC_J_10_CSMS"),
    pics=_TWO,
    detects=("csms-mute-events",),
    lasts=5.0,
)
async def test_values_of_a_transaction_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers events of a transaction that carry meter values: at its begin, during it, and at its end.

    Given   a booted station
    when    a transaction begins, goes on and ends, each event with meter values of its own context
    then    each event is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    story = (
        ("Started", "CablePluggedIn", "Transaction.Begin"),
        ("Updated", "MeterValuePeriodic", "Sample.Periodic"),
        ("Updated", "MeterValueClock", "Sample.Clock"),
        ("Ended", "EVDeparted", "Transaction.End"),
    )
    for number, (kind, reason, context) in enumerate(story):
        sample = {"value": 1000.0 + number, "context": context, "measurand": "Energy.Active.Import.Register"}
        values = [{"timestamp": station.stamp(), "sampledValue": [sample, *SAMPLES]}]
        told = await station.event(kind, reason, number, name, evse=1, meterValue=values)
        check.that(told.outcome, outcome, equals("answered"), advice=f"Take meter values of context {context}.")


@test_case(
    "TC_CSMS_MeterValues_003",
    covers=("J02.FR.19", "TC_J_04_CSMS", "TC_J_11_CSMS"),
    pics=_TWO,
    detects=("csms-refuses-signed-values",),
    lasts=5.0,
)
async def test_signed_values_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers signed meter values, in MeterValues and in the events of a transaction.

    Given   a booted station with a meter that signs
    when    it sends signed values while idle, at the begin and at the end of a transaction
    then    each is answered, and not refused
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    signed = [{"timestamp": station.stamp(), "sampledValue": [{"value": 1500.0, "signedMeterValue": SIGNED}]}]
    idle = await station.call("MeterValues", {"evseId": 1, "meterValue": signed})
    check.that(idle.outcome, outcome, equals("answered"), advice="Keep the signature with the value.")
    name = station.new_transaction()
    for number, (kind, reason) in enumerate((("Started", "CablePluggedIn"), ("Ended", "EVDeparted"))):
        told = await station.event(kind, reason, number, name, evse=1, meterValue=signed)
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_MeterValues_004",
    covers="OCPP:every-call-is-answered",
    pics=CSMS.OCPP_16,
    detects=("csms-mute-meter-values",),
    lasts=5.0,
)
async def test_values_of_1_6_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers MeterValues of a 1.6 charge point, without a transaction and with one that it does not know.

    Given   a booted charge point
    when    it sends MeterValues for connector 1 without transactionId, and with one that nobody gave
    then    each is answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    sample = {"value": "1234.5", "context": "Sample.Clock", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    values = {"connectorId": 1, "meterValue": [{"timestamp": station.stamp(), "sampledValue": [sample]}]}
    for more in ({}, {"transactionId": 987_654}):
        told = await station.call("MeterValues", {**values, **more})
        check.that(told.outcome, outcome, equals("answered"), advice="Values of the past may come before or after all.")


@test_case(
    "TC_CSMS_MeterValues_005",
    covers=("J02.FR.19", "TC_J_03_CSMS", "TC_J_07_CSMS", "TC_J_08_CSMS"),
    pics=_TWO,
    detects=("csms-demands-evse", "csms-mute-events", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_values_before_the_evse_is_known_are_taken(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes a transaction that begins before its EVSE is known, with meter values once it is.

    Given   a booted station whose driver presents a token before plugging in
    when    the transaction begins without EVSE, then names it with values of its begin, and ends with values of its end
    then    each event is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    begun = await station.event("Started", "Authorized", 0, name, idToken=csms.token)
    check.that(begun.outcome, outcome, equals("Accepted"), requirement="TC_J_08_CSMS", advice="evse may come later.")
    for number, (kind, reason, context) in enumerate(
        (("Updated", "CablePluggedIn", "Transaction.Begin"), ("Ended", "EVDeparted", "Transaction.End")), start=1
    ):
        sample = {"value": 1000.0 * number, "context": context, "measurand": "Energy.Active.Import.Register"}
        values = [{"timestamp": station.stamp(), "sampledValue": [sample]}]
        told = await station.event(kind, reason, number, name, evse=1, meterValue=values)
        check.that(told.outcome, outcome, equals("answered"))
