"""The CSMS as the SUT: the tester is a station of it, and brings the embedded reference CSMS along where it is asked to."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from harness.actor.access import shows_life
from harness.actor.bench import Controls
from harness.actor.csms_store import CsmsStore
from harness.actor.embedded_csms import REFERENCE, EmbeddedCsms
from harness.actor.meter import ReadMeter
from harness.actor.ocpp_line import NAME, CsmsAccess, ocpp_tls
from harness.actor.scene import Scene
from harness.actor.tester_station import TesterStation
from harness.errors import Inconclusive
from harness.link.observation import Refused
from harness.link.transport import Address
from harness.ocpp.security import PROFILES
from harness.ocpp.station.settings import StationSettings

_PORTS = {"ws": 80, "wss": 443}


class CsmsSide:
    """Implements `harness.actor.side.Side`. `station` is the tester's; the case switches it on."""

    def __init__(self, scene: Scene) -> None:
        described = scene.description.roles.csms
        assert described is not None
        self.scene, self._described = scene, described
        self._pixit, self._pki = scene.description.pixit.csms, scene.pki.ocpp
        self._versions = scene.versions or described.ocpp
        self._network = scene.network()
        self._reference: EmbeddedCsms | None = None
        self._endings: list[Callable[[], Awaitable[None]]] = []
        self._stores: list[CsmsStore] = []

    async def set_up(self) -> None:
        """Start the embedded reference CSMS, where there is one, and make the tester's station."""
        if self.scene.embeds:
            self._reference = self._make_reference()
            await self._reference.start()
            self._endings.append(self._reference.stop)
        self.station = TesterStation(
            self._settings(), self._access(), self.scene.timeline, self.scene.capture, self._pixit.answer_time
        )
        self._endings.append(self.station.stop)

    async def tear_down(self) -> None:
        """Close everything, the last opened first."""
        while self._endings:
            await self._endings.pop()()
        while self._stores:
            self._stores.pop().close()

    @property
    def controls(self) -> Controls:
        return self._reference.controls if self._reference else {}

    @property
    def read_meter(self) -> ReadMeter | None:
        return None

    async def absence(self) -> str:
        """Why the CSMS cannot be reached, where nothing at all was seen of it."""
        if self.scene.embeds or shows_life(self.scene.timeline.trace, "csms"):
            return ""
        try:
            await self.station.connect()
        except Inconclusive as absent:
            return "" if self.excuse else str(absent)
        return ""

    @property
    def excuse(self) -> str:
        """Why no connection came to stand although somebody is there; empty when one did."""
        refused = [seen for seen in self.scene.timeline.trace.link(NAME).of(Refused)]
        met = any(hasattr(seen.message, "message_id") for seen in self.scene.timeline.trace.sent_by("csms"))
        return str(refused[-1].message) if refused and not met and refused[-1].message.stage != "tcp" else ""

    def _make_reference(self) -> EmbeddedCsms:
        described, profile = self._described, PROFILES[self._described.security_profile]
        mutant = self.scene.faults_of("csms")
        chain, key = self._pki.issued(self._host, server=True) if profile.tls else (b"", b"")
        settings = REFERENCE.listening(
            versions=described.ocpp,
            security_profile=profile.number,
            passwords={} if described.password is None else {described.identity: described.password},
            identities=frozenset({described.identity}),
            chain=chain,
            key=key,
            roots=self._pki.ca.root_pem,
        )
        store = CsmsStore(":memory:")  # what a power cycle leaves
        self._stores.append(store)
        return EmbeddedCsms(settings, self._network, faults=mutant.armed() if mutant else (), store=store)

    def _settings(self) -> StationSettings:
        pixit, described = self._pixit, self._described
        return StationSettings(
            version=self._versions[0],
            vendor=pixit.vendor,
            model=pixit.model,
            serial=pixit.serial,
            evses=described.evses,
            security_profile=described.security_profile,
            seed=self.scene.options.seed if self.scene.embeds else secrets.randbits(32),  # ids that no earlier run used
        )

    def _access(self) -> CsmsAccess:
        described, profile = self._described, PROFILES[self._described.security_profile]
        chain, key = self._pki.client(self._pixit.serial) if profile.client_certificate else (b"", b"")
        url = self._reference.url if self._reference is not None else described.url
        parts = urlsplit(described.url)
        endpoint = Address(self._host, parts.port or _PORTS[parts.scheme])
        embedded = self._reference is not None
        tls = ocpp_tls(chain, key, self._pki.roots, server_name="" if embedded else self._host)
        return CsmsAccess(
            self._network,
            self._reference.address if self._reference is not None else endpoint,
            url,
            described.identity,
            profile,
            versions=self._versions[:1],
            password=(described.password or "").encode(),
            tls=tls if profile.tls else ocpp_tls(),
        )

    @property
    def _host(self) -> str:
        return urlsplit(self._described.url).hostname or ""
