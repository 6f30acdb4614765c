"""Why does a station not connect? The doctor opens the CSMS's door for a while and says what came of every knock.

Nothing is asked of a station that comes in: it is let go again after it has said who it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from harness.actor.csms import Csms
from harness.actor.ocpp_line import NAME
from harness.actor.scene import Scene, StageOptions
from harness.actor.station_side import StationSide
from harness.actor.tester_pki import TesterPki
from harness.cli.symptom import Symptom, broken, fine, note
from harness.device.description import DeviceDescription
from harness.errors import HarnessError, Inconclusive
from harness.link.observation import Connected, Refused
from harness.ocpp.security import PROFILES

_BOOT = 5.0
"""Seconds in which a station that has connected may send its BootNotification, if it boots at all."""
_REMEDIES: tuple[tuple[str, str], ...] = (
    ("HTTP request", "the station speaks plain ws:// where the description expects TLS: make both agree on the security profile"),
    ("certificate", "the station does not trust the CSMS's certificate, or shows none that certificates.ocpp.roots knows: install the root of certificates.ocpp in the station, and its own in the description"),
    ("password", "make roles.station.password and the password in the station (its BasicAuthPassword) the same"),
    ("Authorization", "set the station to security profile 1 or 2 with the password of the description, or describe another profile"),
    ("is known here", "the address that the station connects to must end with roles.station.identity"),
    ("path", "the station's CSMS address must begin with the path of roles.station.path"),
    ("sub-protocol", "the station offers none of the versions in roles.station.ocpp: set it to one of them, or list its own"),
    ("handshake", "the station opens the connection and says nothing: look whether it waits for another security profile"),
)  # fmt: skip


async def station_way(description: DeviceDescription) -> AsyncIterator[Symptom]:
    """Listen as the description says, for the PIXIT's connect_time, and tell what came."""
    described = description.roles.station
    assert described is not None
    try:
        side = StationSide(Scene(description, TesterPki(description, datetime.now(UTC)), StageOptions()))
        await side.set_up()
    except (HarnessError, OSError) as refused:
        yield broken(
            f"the station cannot be waited for at {described.listen}: {refused}", "correct roles.station.listen"
        )
        return
    try:
        for symptom in _place(described.listen_on[0]):
            yield symptom
        address, within = f"{side.csms.url}/{described.identity}", description.pixit.station.connect_time
        yield note(f"waiting up to {within:g} s for the station to connect to {address}")
        async for symptom in _came(side.csms, address, within):
            yield symptom
    finally:
        await side.tear_down()


def _place(host: str) -> Iterator[Symptom]:
    """Whether another machine can reach it at all."""
    if _is_loopback(host):
        remedy = (
            "set roles.station.listen to this machine's address in the station's network, such as 192.168.1.10:9000"
        )
        yield note(f"{host} is reached from this machine alone", remedy)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _came(csms: Csms, address: str, within: float) -> AsyncIterator[Symptom]:
    try:
        await csms.connected(within)
    except Inconclusive:
        for symptom in _knocks(csms, address, within):
            yield symptom
        return
    station = csms.station()
    profile = PROFILES[csms.settings.entrance.security_profile]
    yield fine(f"{station.identity} is connected with OCPP {csms.version}, security profile {profile.number}")
    try:
        await csms.booted(within=_BOOT)
    except Inconclusive:
        yield note(f"it has not sent BootNotification within {_BOOT:g} s, as a station that was up already does")
    else:
        yield fine("it has sent BootNotification, and was accepted")


def _knocks(csms: Csms, address: str, within: float) -> Iterator[Symptom]:
    """One line for each different reason for which somebody was not let in."""
    seen = csms.timeline.trace.link(NAME)
    reasons = dict.fromkeys(each.message.reason for each in seen.of(Refused))
    for reason in reasons:
        yield broken(f"a station knocked and was not let in: {reason}", _remedy(reason))
    if not reasons and seen.of(Connected):
        remedy = "it opened a connection and asked for no WebSocket: check that it speaks OCPP-J"
        yield broken(f"something connected, and no station came in within {within:g} s", remedy)
    elif not reasons:
        remedy = f"set the station's CSMS address to {address}, check cable and firewall, and reboot it: some wait minutes between attempts (pixit.station.connect_time)"
        yield broken(f"nobody knocked within {within:g} s", remedy)


def _remedy(reason: str) -> str:
    found = (remedy for word, remedy in _REMEDIES if word.lower() in reason.lower())
    return next(found, "look into the station's log, and compare with roles.station")
