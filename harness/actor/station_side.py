"""The charging station as the SUT: the tester is its CSMS, and brings the embedded reference station along if asked to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from harness.actor.access import shows_life
from harness.actor.bench import Controls
from harness.actor.claimed_variables import claimed_variables
from harness.actor.csms import Csms
from harness.actor.csms_authority import OperatorAuthority
from harness.actor.csms_settings import CsmsSettings, Entrance
from harness.actor.embedded_station import EmbeddedStation
from harness.actor.meter import ReadMeter
from harness.actor.ocpp_line import NAME, CsmsAccess, ocpp_tls
from harness.actor.scene import Scene
from harness.errors import Inconclusive
from harness.link.observation import Refused
from harness.link.transport import Network
from harness.ocpp.csms import requests
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.records import Token
from harness.ocpp.security import PROFILES
from harness.ocpp.station.settings import StationSettings
from harness.ocppj.frame import Call

_SERIAL = "REF-1"


class StationSide:
    """Implements `harness.actor.side.Side`. `csms` is the tester's, which listens from `set_up` on. `alone`: the embedded
    reference device is a station and nothing more, and is brought along here."""

    def __init__(self, scene: Scene, *, alone: bool = True) -> None:
        described = scene.description.roles.station
        assert described is not None
        self.scene, self._described = scene, described
        self._pixit, self._pki = scene.description.pixit.station, scene.pki.ocpp
        self._versions = scene.versions or described.ocpp
        host, port = described.listen_on
        network = scene.network() if scene.embeds else scene.network(host=host)
        self.csms = self._make_csms(network, host, 0 if scene.embeds else port)
        self._network, self._alone = network, alone
        self._reference: EmbeddedStation | None = None
        self._endings: list[Callable[[], Awaitable[None]]] = []

    async def set_up(self) -> None:
        """Listen, and start the embedded reference station, where there is one."""
        self._endings.append(self.csms.stop)
        await self.csms.start()
        self._endings.append(self.csms.files.stop)
        await self.csms.files.start()
        if self.scene.embeds and self._alone:
            mutant = self.scene.faults_of("station")
            faults = mutant.armed() if mutant else ()
            self._reference = EmbeddedStation(self.settings(), self.access(), self._pixit, faults)
            await self._reference.start()
            self._endings.append(self._reference.stop)

    async def tear_down(self) -> None:
        """Close everything, the last opened first; a real station is left without transactions and settings of this case."""
        if not self.scene.embeds:
            with suppress(Inconclusive):
                await self._leave_tidy()
        while self._endings:
            await self._endings.pop()()

    async def _leave_tidy(self) -> None:
        """What the next case must not find, as far as the station goes along."""
        if not self.csms.stations or not self.csms.station().is_connected:
            return
        await self.csms.put_back()
        held = self.csms.record
        for each in held.running:
            await self.csms.order(requests.stop(self.csms.version, each.transaction_id))
        if self._asked("ChangeAvailability"):  # also what was accepted and not done yet
            for place in (*range(1, self._described.evses + 1), None):
                await self.csms.change_availability(True, place)
        if self._asked("Authorize", "station"):  # what this case said of a token must not hold in the next
            await self.csms.call("ClearCache", {})
        if held.profiles:
            await self.csms.clear_all_profiles()
        if held.der_controls:
            for default in (True, False):
                await self.csms.clear_der(default)

    def _asked(self, action: str, by: str = "csms") -> bool:
        """Whether such a request was sent in this case."""
        asked = self.csms.trace.sent_by(by).of(Call)
        return any(seen.message.action == action for seen in asked)

    @property
    def controls(self) -> Controls:
        return self._reference.controls if self._reference else {}

    @property
    def read_meter(self) -> ReadMeter | None:
        return self._reference.meter if self._reference else None

    async def absence(self) -> str:
        """Why the station cannot be reached, where nothing at all was seen of it; it is waited for as long as it may take."""
        if self.scene.embeds or shows_life(self.scene.timeline.trace, "station"):
            return ""
        within = self._pixit.connect_time
        try:
            await self.csms.connected(within)
        except Inconclusive:
            place = f"{self.csms.url}/{self._described.identity}"
            return "" if self.excuse else f"no station connected to {place} within {within:g} s"
        return ""

    @property
    def excuse(self) -> str:
        """Why no connection of the station came to stand; empty when one did."""
        refusals = [seen for seen in self.scene.timeline.trace.link(NAME).of(Refused)]
        return str(refusals[-1].message) if refusals and not self.csms.stations else ""

    def _make_csms(self, network: Network, host: str, port: int) -> Csms:
        description, pixit = self._described, self._pixit
        chain, key = self._pki.server(host) if PROFILES[description.security_profile].tls else (b"", b"")
        entrance = Entrance(
            versions=self._versions,
            security_profile=description.security_profile,
            port=port,
            path=description.path,
            passwords={} if description.password is None else {description.identity: description.password},
            identities=frozenset({description.identity}),
            chain=chain,
            key=key,
            roots=self._pki.roots,
        )
        known = Token(pixit.id_token, pixit.id_token_type)
        refused = Token(pixit.invalid_id_token, pixit.id_token_type, status="Invalid")
        policy = CsmsPolicy(
            heartbeat_interval=round(pixit.heartbeat_interval), tokens=(known, refused), unknown_token="Accepted"
        )
        return Csms(
            CsmsSettings(entrance, policy, pixit.answer_time),
            network,
            self.scene.timeline,
            identity=description.identity,
            authority=OperatorAuthority(self._pki.ca),
            capture=self.scene.capture,
        )

    def settings(self) -> StationSettings:
        """Those of an embedded reference device."""
        described, version = self._described, self._versions[0]
        return StationSettings(
            version=version,
            serial=_SERIAL,
            evses=described.evses,
            security_profile=described.security_profile,
            variables=claimed_variables(self.scene.description.claims) if version == "2.1" else {},
        )

    def access(self) -> CsmsAccess:
        """How an embedded reference device reaches the tester's CSMS, once that listens."""
        described = self._described
        profile = PROFILES[described.security_profile]
        chain, key = self._pki.issued(_SERIAL, server=False) if profile.client_certificate else (b"", b"")
        return CsmsAccess(
            self._network,
            self.csms.address,
            self.csms.url,
            described.identity,
            profile,
            versions=(self._versions[0],),
            password=(described.password or "").encode(),
            tls=ocpp_tls(chain, key, self._pki.ca.root_pem, server_name=described.listen_on[0])
            if profile.tls
            else ocpp_tls(),
        )
