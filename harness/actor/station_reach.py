"""How the reference station reaches its CSMS: which network slot, by which credentials, and what it falls back to.

What stands in the slots and in the certificate store is the station's; here it becomes the access of the next attempt
(OCPP 2.x A02.FR.08, A02.FR.28, B09, B10).
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.actor.ocpp_line import CsmsAccess, Opened, outdated
from harness.link.transport import Address
from harness.ocpp.reconnect import SlotAttempts, slot_of
from harness.ocpp.security import PROFILES, key_readings
from harness.ocpp.station.certificates import parsed
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.station.station import Station

_OWN = "ChargingStationCertificate"
_PORTS = {"ws": 80, "wss": 443}


def fitted(access: CsmsAccess, settings: StationSettings) -> CsmsAccess:
    """The access as the settings bend it."""
    tls = access.tls
    if "name" not in settings.verifies:
        tls = replace(tls, server_name="")
    if "chain" not in settings.verifies:
        tls = replace(tls, accept_any_chain=True)
    return replace(access, tls=outdated(tls) if settings.old_tls else tls)


class StationReach:
    """`begin` with the station that lives; `next_access` for each attempt, and `came` with what came of it."""

    def __init__(self, access: CsmsAccess, settings: StationSettings) -> None:
        self._given = fitted(access, settings)
        self.password = access.password
        self.slot = "1"
        self._settings = settings
        self._attempt = 0
        self._reported = ""

    def begin(self, station: Station) -> None:
        """The first slot holds what was given, and so does the certificate store."""
        self._station, self._own = station, (self._given.tls.chain, self._given.tls.key)
        self._former: tuple[bytes, bytes] | None = None
        self._slots: tuple[str, ...] = ()
        self._connected_by = ""
        given, variables = self._given, station.variables
        first = {"OcppCsmsUrl": given.url, "SecurityProfile": str(given.profile.number), "Identity": given.identity}
        for name, value in first.items():
            variables.put(f"NetworkConfiguration[1].{name}", value)
        variables.bind("OCPPCommCtrlr.ActiveNetworkProfile", lambda: self.slot)
        if given.profile.tls and given.tls.roots:
            station.certificates.roots = [("CSMSRootCertificate", one) for one in parsed(given.tls.roots.decode())]
        if given.profile.client_certificate:
            station.certificates.own[_OWN] = parsed(given.tls.chain.decode())
        self.rebooted()

    def rebooted(self) -> None:
        """Begin with the first entry of the priority list (B10.FR.04)."""
        self._attempt = 0
        self._slots = self._station.variables.members("OCPPCommCtrlr.NetworkConfigurationPriority") or ("1",)

    def learn_password(self, text: str) -> None:
        """SecurityCtrlr.BasicAuthPassword was written; it holds in every slot (B09.FR.27)."""
        self.password = key_readings(text)[0] if self._settings.version == "1.6" else text.encode()
        for slot in self._slots:
            self._station.variables.put(f"NetworkConfiguration[{slot}].BasicAuthPassword", "")

    def renewed(self) -> bool:
        """Whether a certificate was signed that is to be used from now on, which takes a new connection (A02.FR.08)."""
        key = self._station.certificates.keys.get(_OWN)
        if key is None or not self._access_of(self.slot).profile.client_certificate:
            return False
        chain = b"".join(one.public_bytes(Encoding.PEM) for one in self._station.certificates.own[_OWN])
        if chain == self._own[0]:
            return False
        self._former = self._own
        self._own = chain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return True

    def next_access(self) -> CsmsAccess:
        """How the next attempt is made: each slot as often as it may be tried, then the next one (B10.FR.03)."""
        self._attempt += 1
        tries = int(self._station.variables.number("OCPPCommCtrlr.NetworkProfileConnectionAttempts", default=1))
        plan = SlotAttempts(tuple(int(slot) for slot in self._slots), tries)
        self.slot = str(slot_of(plan, self._attempt))
        return self._access_of(self.slot)

    def came(self, opened: Opened, now: float) -> None:
        """What came of an attempt. A failure is reported once, however often it comes (A00.FR.316)."""
        if opened.line is not None:
            self._reported, self._former = "", None
            self._settle()
            return
        if opened.event and opened.event != self._reported:
            self._reported = opened.event
            self._station.secure(opened.event, now)
        if self._former is not None and opened.seen.message.stage != "tcp":
            self._own, self._former = self._former, None
            self._station.certificates.own[_OWN] = parsed(self._own[0].decode())
            self._station.certificates.keys.pop(_OWN)
            self._station.secure("DiscardedRenewedClientCertificate", now)

    def _settle(self) -> None:
        """A connection stands: the next attempts begin with its slot; over another slot than before the station boots anew
        (B10.FR.10)."""
        position = self._slots.index(self.slot)
        self._attempt, self._slots = 0, self._slots[position:] + self._slots[:position]
        if self._connected_by not in ("", self.slot):
            self._station.registration.restart(self._station.registration.reason)
        self._connected_by = self.slot
        self._station.network.connected(self._access_of(self.slot).profile.number)

    def _access_of(self, slot: str) -> CsmsAccess:
        def value(name: str) -> str:
            return self._station.variables.text(f"NetworkConfiguration[{slot}].{name}")

        given = self._given
        url = value("OcppCsmsUrl") or given.url
        profile = PROFILES[int(value("SecurityProfile") or given.profile.number)]
        own = self._own if profile.client_certificate else (b"", b"")
        roots = [one for kind, one in self._station.certificates.roots if kind == "CSMSRootCertificate"]
        trusted = b"".join(one.public_bytes(Encoding.PEM) for one in roots)
        return replace(
            given,
            url=url,
            endpoint=given.endpoint if _place(url) == _place(given.url) else _place(url),
            identity=value("Identity") or given.identity,
            profile=profile,
            password=value("BasicAuthPassword").encode() or self.password,
            tls=replace(given.tls, chain=own[0], key=own[1], roots=trusted or given.tls.roots),
        )


def _place(url: str) -> Address:
    parts = urlsplit(url)
    return Address((parts.hostname or "").replace("%25", "%"), parts.port or _PORTS.get(parts.scheme, 80))
