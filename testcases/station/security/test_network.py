"""Network profiles: stored, refused, moved to, fallen back from (OCPP 2.x B09, B10, A05)."""

from typing import Any
from urllib.parse import urlsplit

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    CallOutcome,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    StationUnderTest,
    Upgraded,
    differs,
    equals,
    one_of,
    satisfies,
    test_case,
    upgrade_path,
)

_ANY = STATION.OCPP_201 | STATION.OCPP_21
_PRIORITY = ("OCPPCommCtrlr", "NetworkConfigurationPriority")


def profile_of(csms: Csms, station: StationUnderTest, **other: Any) -> dict[str, Any]:
    """Connection data of the connection that stands."""
    access = station.description.roles.station
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": csms.url,
        "messageTimeout": 30,
        "securityProfile": access.security_profile if access is not None else 1,
        "ocppInterface": station.pixit.network_interface,
        **other,
    }


async def store(csms: Csms, slot: int, profile: dict[str, Any]) -> CallOutcome:
    """SetNetworkProfile."""
    return await csms.call("SetNetworkProfile", {"configurationSlot": slot, "connectionData": profile})


async def slots(csms: Csms) -> tuple[str, int]:
    """The priority list, and the number of a slot that is not in it."""
    listed = await csms.get_variable(*_PRIORITY) or ""
    used = [each.strip() for each in listed.split(",")]
    free = next((number for number in (2, 1, 3, 0) if str(number) not in used), None)
    if not listed or free is None:
        raise NotTestable(f"no slot is free beside those of the priority list ({listed or 'not told'})")
    return listed, free


def statuses(sent: CallOutcome) -> list[str]:
    """What each variable of a SetVariables got."""
    found = reading("setVariableResult")(sent.outcome)
    return [each.get("attributeStatus") for each in found] if isinstance(found, list) else []


async def come_back_by(csms: Csms, priority: str, within: float) -> None:
    """The former priority list holds again, and the station has booted with it."""
    await csms.connected(within)
    await csms.set_variable(*_PRIORITY, priority)
    sent = await csms.reset("Immediate")
    await csms.expect("BootNotification", within=within, after=sent.outcome.number)


@test_case(
    "TC_STATION_Network_001",
    covers=("B09.FR.05", "B09.FR.02", "TC_B_43_CS"),
    pics=_ANY,
    detects=("station-ignores-network-profiles", "station-takes-any-network-profile", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_a_slot_that_does_not_exist_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a network profile for a slot that it does not have.

    Given   a station that is connected
    when    the CSMS sends SetNetworkProfile for slot 999
    then    the answer is Rejected
    """
    await station.ready()
    sent = await store(csms, 999, profile_of(csms, station))
    advice = "The slots are those in the valuesList of NetworkConfigurationPriority."
    check.that(sent.outcome, outcome, equals("Rejected"), advice=advice)


@test_case(
    "TC_STATION_Network_002",
    covers=("B09.FR.04", "A05.FR.09", "A00.FR.005", "TC_A_22_CS"),
    pics=_ANY & (STATION.SECURITY_2 | STATION.SECURITY_3),
    detects=("station-ignores-network-profiles", "station-takes-any-network-profile", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_a_lower_security_profile_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not store a network profile of security profile 1 while it is connected by a higher one.

    Given   a station that is connected over TLS
    when    the CSMS sends SetNetworkProfile with security profile 1 for a free slot
    then    the answer is Rejected
    """
    await station.ready()
    _, free = await slots(csms)
    plain = csms.url.replace("wss://", "ws://")
    sent = await store(csms, free, profile_of(csms, station, securityProfile=1, ocppCsmsUrl=plain))
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Nobody goes back to profile 1 over OCPP.")


@test_case(
    "TC_STATION_Network_003",
    covers=("A05.FR.02", "TC_A_20_CS"),
    pics=_ANY & STATION.SECURITY_1 & STATION.CERTIFICATE_UPDATE,
    detects=("station-ignores-variables",),
    lasts=8.0,
)
async def test_tls_without_a_root_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not go over to TLS while it has no root for the certificate of its CSMS.

    Given   a station without CSMS roots that is connected without TLS
    when    the CSMS stores a profile over TLS in a free slot, and puts that slot first
    then    one of the two is Rejected
    """
    await station.ready()
    held = await csms.call("GetInstalledCertificateIds", {"certificateType": ["CSMSRootCertificate"]})
    if outcome(held.outcome) != "NotFound":
        raise NotTestable(f"the station has CSMS roots, or does not say: {held}")
    listed, free = await slots(csms)
    secured = csms.url.replace("ws://", "wss://")
    stored = await store(csms, free, profile_of(csms, station, securityProfile=2, ocppCsmsUrl=secured))
    moved = await csms.set_variable(*_PRIORITY, f"{free},{listed}")
    said = [outcome(stored.outcome), *statuses(moved)]
    advice = "Look for a CSMS root before a slot of profile 2 or 3 is put into the list."
    check.holds("Rejected" in said, expected="Rejected", actual=", ".join(said), seen=moved.outcome, advice=advice)
    await csms.set_variable(*_PRIORITY, listed)


@test_case(
    "TC_STATION_Network_004",
    covers=("B09.FR.01", "B10.FR.01", "B10.FR.04", "TC_B_45_CS"),
    pics=_ANY,
    detects=("station-ignores-network-profiles", "station-ignores-variables", "station-rubber-stamp"),
    lasts=300.0,
)
async def test_the_station_moves_to_another_profile(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station connects over the network profile that is first in its list, after a reset.

    Given   a CSMS that will be reached by another path
    when    the CSMS stores that address in a free slot, puts the slot first, and resets the station
    then    all is accepted, and the station connects by the other path and boots
    """
    await station.ready()
    listed, free = await slots(csms)
    former = csms.settings.entrance.path
    stored = await store(csms, free, profile_of(csms, station, ocppCsmsUrl=f"{csms.url}/moved"))
    check.that(stored.outcome, outcome, equals("Accepted"), requirement="B09.FR.01", advice="See the statusInfo.")
    moved = await csms.set_variable(*_PRIORITY, f"{free},{listed}")
    taken = statuses(moved) in (["Accepted"], ["RebootRequired"])
    check.holds(taken, expected="Accepted or RebootRequired", actual=str(statuses(moved)), requirement="B10.FR.01")
    csms.admit(path=f"{former}/moved")
    reset = await csms.reset("Immediate")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time + station.pixit.reconnect_time)
    check.that(booted, request, differs(None), requirement="B10.FR.04", advice="Boot, and connect by the first slot.")
    came = station.seen.after(reset.outcome.number).of(Upgraded).last
    there = satisfies("a path with /moved/", lambda path: "/moved/" in path)
    advice = "After a reboot begin with the first slot of NetworkConfigurationPriority."
    check.that(came, upgrade_path, there, requirement="B10.FR.04", advice=advice)
    csms.admit(path=former)
    await come_back_by(csms, listed, station.pixit.boot_time + 2 * station.pixit.reconnect_time)


@test_case(
    "TC_STATION_Network_005",
    covers=("B10.FR.03", "TC_B_46_CS"),
    pics=_ANY,
    detects=("station-one-network-profile", "station-ignores-resets", "station-rubber-stamp"),
    lasts=600.0,
)
async def test_the_station_falls_back_to_a_profile_that_works(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station goes on to the next network profile when the first one does not work.

    Given   a free slot with an address at which nobody is
    when    the CSMS puts that slot first, and resets the station
    then    the station tries NetworkProfileConnectionAttempts times, and then connects by the former slot
    """
    await station.ready()
    listed, free = await slots(csms)
    scheme, host = urlsplit(csms.url).scheme, csms.address._replace(port=9)
    nobody = f"{scheme}://{str(host).replace('%', '%25')}/nobody"
    stored = await store(csms, free, profile_of(csms, station, ocppCsmsUrl=nobody))
    moved = await csms.set_variable(*_PRIORITY, f"{free},{listed}")
    if not stored.accepted or statuses(moved) not in (["Accepted"], ["RebootRequired"]):
        raise Inconclusive(f"the slot could not be put first: {stored}, {statuses(moved)}")
    await csms.reset("Immediate")
    within = station.pixit.boot_time + 5 * station.pixit.reconnect_time
    booted = await csms.expect("BootNotification", within=within)
    advice = "Try each slot NetworkProfileConnectionAttempts times, then the next one, round and round."
    check.that(booted, request, differs(None), advice=advice)
    await csms.set_variable(*_PRIORITY, listed)


@test_case(
    "TC_STATION_Network_006",
    covers=("B09.FR.22", "B09.FR.10"),
    pics=STATION.OCPP_21,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_slot_in_use_is_not_written(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not let the address of a slot be written that is in its priority list.

    Given   a station whose priority list names a slot
    when    the CSMS writes OcppCsmsUrl of that slot
    then    the result is Rejected
    """
    await station.ready()
    listed, _ = await slots(csms)
    component = {"name": "NetworkConfiguration", "instance": listed.split(",")[0].strip()}
    item = {"component": component, "variable": {"name": "OcppCsmsUrl"}, "attributeValue": f"{csms.url}/other"}
    sent = await csms.call("SetVariables", {"setVariableData": [item]})
    refused = one_of([["Rejected"], ["UnknownVariable"], ["UnknownComponent"]])
    advice = "Refuse what would cut the station off; stations without NetworkConfiguration say so."
    check.that(sent.outcome, lambda _: statuses(sent), refused, advice=advice)


@test_case(
    "TC_STATION_Network_007",
    covers=("B09.FR.04", "B09.FR.31", "A05.FR.08", "A05.FR.10"),
    pics=STATION.OCPP_21 & STATION.SECURITY_3,
    detects=("station-ignores-network-profiles", "station-takes-any-network-profile", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_profile_2_after_3_takes_permission(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station goes from security profile 3 down to 2 only where that is allowed.

    Given   a station that is connected by security profile 3
    when    the CSMS stores a profile of security profile 2 in a free slot, without permission and with it
    then    the first is Rejected, the second Accepted
    """
    await station.ready()
    _, free = await slots(csms)
    lower = profile_of(csms, station, securityProfile=2)
    await csms.prepare("SecurityCtrlr", "AllowSecurityProfileDowngrade", False)
    refused = await store(csms, free, lower)
    advice = "Look at AllowSecurityProfileDowngrade, which is false unless it is set."
    check.that(refused.outcome, outcome, equals("Rejected"), advice=advice)
    await csms.prepare("SecurityCtrlr", "AllowSecurityProfileDowngrade", True)
    taken = await store(csms, free, lower)
    check.that(taken.outcome, outcome, equals("Accepted"), requirement="B09.FR.31", advice=advice)


@test_case(
    "TC_STATION_Network_008",
    covers=("B09.FR.09", "B09.FR.01"),
    pics=STATION.OCPP_21,
    detects=("station-ignores-network-profiles", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_a_stored_profile_stands_in_the_device_model(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station shows a network profile that it stored in the NetworkConfiguration of its slot.

    Given   a station with a free slot
    when    the CSMS stores a profile in it, and reads OcppCsmsUrl and SecurityProfile of that slot
    then    both are as they were stored
    """
    await station.ready()
    _, free = await slots(csms)
    profile = profile_of(csms, station, ocppCsmsUrl=f"{csms.url}/stored")
    await store(csms, free, profile)
    component = {"name": "NetworkConfiguration", "instance": str(free)}
    names = ("OcppCsmsUrl", "SecurityProfile")
    asked = [{"component": component, "variable": {"name": name}} for name in names]
    told = await csms.call("GetVariables", {"getVariableData": asked})
    results = (told.response or {}).get("getVariableResult", ())
    values = [each.get("attributeValue") for each in results]
    wanted = [profile["ocppCsmsUrl"], str(profile["securityProfile"])]
    advice = "SetNetworkProfile writes the variables of NetworkConfiguration with the slot as instance."
    check.holds(values == wanted, expected=str(wanted), actual=str(values), seen=told.outcome, advice=advice)


@test_case(
    "TC_STATION_Network_009",
    covers=("B10.FR.02",),
    pics=_ANY,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_list_with_a_slot_that_does_not_exist_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a priority list with a slot that it does not have, and keeps the one that it has.

    Given   a station with a priority list
    when    the CSMS writes a list that begins with slot 999
    then    it is Rejected, and the former list is read
    """
    await station.ready()
    listed = await csms.get_variable(*_PRIORITY)
    if not listed:
        raise Inconclusive("the station does not tell its priority list")
    sent = await csms.set_variable(*_PRIORITY, f"999,{listed}")
    refused = statuses(sent)
    advice = "Every slot of the list has to be there, and to be filled."
    check.holds(refused == ["Rejected"], expected="Rejected", actual=str(refused), seen=sent.outcome, advice=advice)
    kept = await csms.get_variable(*_PRIORITY)
    check.holds(kept == listed, expected=listed, actual=str(kept), advice="What is refused changes nothing.")
