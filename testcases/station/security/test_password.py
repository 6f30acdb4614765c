"""The password of a station: changed, used, kept when the new one is unfit (OCPP 2.x A01)."""

from harness.ocpp.readings import reading
from harness.vocabulary import STATION, CallOutcome, Check, Csms, StationUnderTest, Upgraded, equals, test_case

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & (STATION.SECURITY_1 | STATION.SECURITY_2)
_NEW = "tester-password-2"


def statuses(sent: CallOutcome) -> list[str]:
    """What each variable of a SetVariables got."""
    found = reading("setVariableResult")(sent.outcome)
    return [each.get("attributeStatus") for each in found] if isinstance(found, list) else []


async def write(csms: Csms, password: str) -> CallOutcome:
    """SetVariables of BasicAuthPassword."""
    return await csms.set_variable("SecurityCtrlr", "BasicAuthPassword", password)


@test_case(
    "TC_STATION_Password_001",
    covers=("A01.FR.01", "A00.FR.203", "A00.FR.205", "TC_A_09_CS"),
    pics=_PICS,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=240.0,
)
async def test_a_new_password_is_used(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station connects with the password that the CSMS gave it.

    Given   a station that connects with a password
    when    the CSMS writes another one, tears the connection, and lets nobody in with the former one
    then    it is accepted, and the station is back in time
    """
    await station.ready()
    access = station.description.roles.station
    identity, former = (access.identity, access.password or "") if access is not None else ("", "")
    csms.admit(passwords={identity: _NEW})
    sent = await write(csms, _NEW)
    taken = statuses(sent)
    check.holds(
        taken == ["Accepted"], expected="Accepted", actual=str(taken), seen=sent.outcome, advice="17 characters."
    )
    await station.watch(2.0)
    await csms.station().drop()
    await csms.station().reconnected(station.pixit.reconnect_time)
    back = station.seen.after(sent.outcome.number).of(Upgraded).last
    used = back is not None and csms.station().is_connected
    advice = "Use the new password at the next connection."
    check.holds(
        used, expected="a connection with the new password", actual="none", requirement="A01.FR.01", advice=advice
    )
    csms.admit(passwords={identity: former}, old_passwords={identity: _NEW})
    await csms.connected(2 * station.pixit.reconnect_time)
    await write(csms, former)


@test_case(
    "TC_STATION_Password_002",
    covers=("A01.FR.01", "A00.FR.205", "TC_A_10_CS"),
    pics=_PICS,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_an_unfit_password_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses passwords that are too short or too long, and goes on with the one it has.

    Given   a station that connects with a password
    when    the CSMS writes one of 15 characters, and one of 65, and tears the connection
    then    both are Rejected, and the station is back in time with the former one
    """
    await station.ready()
    access = station.description.roles.station
    identity, former = (access.identity, access.password or "") if access is not None else ("", "")
    taken = former
    for length in (15, 65):
        sent = await write(csms, "x" * length)
        refused = statuses(sent)
        said = {"expected": "Rejected", "actual": str(refused), "seen": sent.outcome}
        check.holds(refused == ["Rejected"], **said, advice=f"16 to 40 (at most 64) characters; this has {length}.")
        taken = "x" * length if refused == ["Accepted"] else taken
    await csms.station().drop()
    back = await csms.station().reconnected(station.pixit.reconnect_time)
    check.that(csms.trace.of(Upgraded).last, lambda _: back, equals(True), advice="Keep the former password.")
    if taken != former:  # or no later case would be let in with it
        csms.admit(passwords={identity: former}, old_passwords={identity: taken})
        await csms.connected(2 * station.pixit.reconnect_time)
        await write(csms, former)
