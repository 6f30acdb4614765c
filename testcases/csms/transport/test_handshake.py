"""How a CSMS takes stations in: versions, compression, pings (OCPP-J 3)."""

from harness.ocpp.readings import compressed, outcome, subprotocol
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case

SPOKEN = {"2.1": "ocpp2.1", "2.0.1": "ocpp2.0.1", "1.6": "ocpp1.6"}
_QUIET = 45.0


@test_case(
    "TC_CSMS_Handshake_001",
    covers="OCPP:sub-protocols",
    detects="csms-speaks-2-0-1-only",
    lasts=5.0,
)
async def test_each_claimed_version_is_agreed_to(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS agrees to each version that it claims, whatever else is offered with it.

    Given   a station that the CSMS knows
    when    it offers, one connection after the other, each version that the CSMS claims, behind one that nobody speaks
    then    that version is agreed to, and the conversation is spoken in it
    """
    for version in csms.versions:
        met = await station.knock(offered=("ocpp9.9", SPOKEN[version]))
        check.that(met, subprotocol, equals(SPOKEN[version]), advice="Take the first of the list that you speak.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "connections in other versions")


@test_case(
    "TC_CSMS_Handshake_002",
    covers="OCPP:compression",
    pics=CSMS.COMPRESSION,
    detects="csms-refuses-compression",
    lasts=5.0,
)
async def test_compression_is_agreed_to_and_not_forced(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS compresses with stations that offer it, and serves those that do not.

    Given   a station that the CSMS knows
    when    it connects with permessage-deflate offered, and once more without
    then    the first connection is compressed, the second is not, and both are kept
    """
    with_it = await station.knock(compression=True)
    check.that(with_it, compressed, equals(True), advice="A CSMS has to support RFC 7692.")
    without = await station.knock(compression=False)
    check.that(without, compressed, equals(False), advice="It is optional for stations.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "compressed connections")


@test_case(
    "TC_CSMS_Handshake_003",
    covers="OCPP:pings",
    detects="csms-tires-of-waiting",
    lasts=50.0,
)
async def test_a_quiet_connection_with_pings_stays(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS keeps a connection on which only WebSocket pings are sent, and answers them.

    Given   a booted station
    when    it says nothing for 45 s but a ping before and one after
    then    both pings are answered, the connection stands, and a heartbeat is answered on it
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    first = await station.ping(csms.pixit.answer_time)
    check.that(first, outcome, equals("Pong"), advice="RFC 6455 5.5.2: answer pings.")
    ended = await station.gone(_QUIET)
    check.that(
        ended, outcome, equals("Silence"), advice="Stations may ping in place of heartbeats; do not count them dead."
    )
    await station.back(csms.pixit.boot_time)
    second = await station.ping(csms.pixit.answer_time)
    check.that(second, outcome, equals("Pong"))
    await still_serves(station, check, "45 s without a message")
