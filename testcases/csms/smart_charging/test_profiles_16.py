"""The charging profiles that a CSMS sends to a charge point of OCPP 1.6."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    at_least,
    equals,
    plain_limit,
    satisfies,
    test_case,
)

purpose = reading("csChargingProfiles.chargingProfilePurpose")


def lowest_limit(seen: Observation) -> float | None:
    """The least limit in the schedule of a profile of 1.6."""
    periods = reading("csChargingProfiles.chargingSchedule.chargingSchedulePeriod")(seen)
    return min(float(each["limit"]) for each in periods) if periods else None


@test_case(
    "TC_CSMS_Profile16_001",
    covers="OCPP:profiles-of-1.6",
    pics=CSMS.SMART_CHARGING & CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-everything-on-connector-1", "csms-reversed-limits", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_profiles_of_1_6_go_to_the_connector_of_their_purpose(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a ChargePointMaxProfile to connector 0, a TxDefaultProfile to the connector that is meant.

    Given   a booted charge point
    when    the CSMS is made to hold the charge point below 9 kW, and transactions on connector 1 below 6 kW
    then    each profile goes to its connector, with its purpose, a first period at 0 s and no negative limit
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    wanted = (
        ("ChargingStationMaxProfile", "ChargePointMaxProfile", 0, 9000.0),
        ("TxDefaultProfile",) * 2 + (1, 6000.0),
    )
    for asked, named, connector, watts in wanted:
        sent = await csms.sends_profile([plain_limit(watts)], purpose=asked, evse=connector)
        check.that(sent, purpose, equals(named))
        check.that(sent, reading("connectorId"), equals(connector))
        check.that(sent, lowest_limit, at_least(0.0, "W"), advice="1.6 has no discharging.")


@test_case(
    "TC_CSMS_Profile16_002",
    covers=("OCPP:profiles-of-1.6", "OCPP:goes-on-after-refusals"),
    pics=CSMS.SMART_CHARGING & CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-clears-every-profile-of-1-6", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_what_1_6_refuses_and_clears(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS names the profile of 1.6 that it clears, and goes on where a charge point refuses.

    Given   a charge point that answers SetChargingProfile with NotSupported, and ClearChargingProfile with Unknown
    when    the CSMS is made to set a default, and to clear all defaults of connector 1
    then    the second request names purpose and connector, and the CSMS still answers the charge point
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers |= {"SetChargingProfile": {"status": "NotSupported"}, "ClearChargingProfile": {"status": "Unknown"}}
    sent = await csms.sends_profile([plain_limit(6000.0)], purpose="TxDefaultProfile")
    check.that(sent, purpose, equals("TxDefaultProfile"))
    asked = {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile"}
    cleared = await csms.sends("ClearChargingProfile", asked)
    named = satisfies("TxDefaultProfile", lambda found: found == "TxDefaultProfile")
    check.that(cleared, reading("chargingProfilePurpose"), named, advice="An empty request clears everything.")
    check.that(cleared, reading("connectorId"), equals(1))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
