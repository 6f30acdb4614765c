"""TLS over any transport, in memory: the tester keeps the real record octets of both directions and the secrets to read them.

    secured = await tls_connect(transport, profile, capture=capture, clock=clock)

A `TlsProfile` says as data how an end behaves, a device's or the tester's. Chains are checked; host names only where a
client names the server it wants, since V2G knows none. Validity is judged by the computer's clock, also in virtual time.

What Python's ssl cannot set, and these profiles therefore do not promise: the TLS 1.3 cipher suites (OpenSSL offers
AES_128_GCM too, which is not in the profile of ISO 15118-20), more than one key exchange group (secp521r1 without x448),
signature schemes, certificate_authorities of ClientHello and CertificateRequest, status_request and OCSP staples. Whether
a device masters those is for probes that write the handshake themselves.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import struct
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from harness.errors import DescriptionError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.tap import abort, captured
from harness.link.transport import Transport

STANDARD_GROUP = "secp521r1"
"""First of the two groups of ISO 15118-20; the one that can be demanded alone."""

_CHUNK = 2**16
Party = Literal["us", "peer"]


@dataclass(frozen=True, slots=True)
class TlsProfile:
    """How one end of a TLS connection behaves. The default is TLS 1.3 with mutual authentication, as -20 demands.

    `chain` and `key` are PEM, leaf first (empty: present no certificate, which only a client can). `roots` is PEM.
    `require_client_certificate` concerns a server. `accept_any_chain` makes a client take any server, for those who
    judge the chain afterwards. `ciphers` (OpenSSL's notation) concerns TLS 1.2 alone. `lab` leaves the key exchange groups
    at OpenSSL's defaults instead of secp521r1 alone, for peers built on P-256 or x25519. `server_name` makes a client ask
    for that host (SNI) and demand a certificate for it. `more_chains` are further chains with their keys, of other key
    types, among which the cipher suite decides (a server of OCPP needs an RSA one and an ECDSA one).
    """

    chain: bytes = b""
    key: bytes = b""
    roots: bytes = b""
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    require_client_certificate: bool = True
    accept_any_chain: bool = False
    ciphers: str = ""
    lab: bool = False
    server_name: str = ""
    more_chains: tuple[tuple[bytes, bytes], ...] = ()


class TlsFailure(ConnectionError):
    """A handshake that failed, or a connection that TLS ended.

    `alert` is the TLS alert by name (``certificate_required``), empty when none is known; `by` says who refused: who sent
    the alert, or else who left. `peer_chain` holds what the peer presented until then, as DER.
    """

    def __init__(self, reason: str, *, by: Party, alert: str = "", peer_chain: tuple[bytes, ...] = ()) -> None:
        self.reason, self.by, self.alert, self.peer_chain = reason, by, alert, peer_chain
        super().__init__(f"tls: {reason}")


class TlsTransport:
    """A secured transport. `version`, `cipher` and `peer_chain` (DER, leaf first) are those of the finished handshake."""

    def __init__(self, inner: Transport, session: _Session, secrets: list[str]) -> None:
        self.local, self.remote = inner.local, inner.remote
        self.secrets = tuple(secrets)
        self.version = session.tls.version() or ""
        self.cipher = (session.tls.cipher() or ("",))[0]
        self.peer_chain = _peer_chain(session.tls)
        self._inner, self._session = inner, session
        self._open = True

    async def write(self, octets: bytes) -> None:
        if not self._open:
            raise ConnectionResetError("the connection is closed on our side")
        view = memoryview(octets)
        try:
            while view:
                view = view[self._session.tls.write(view) :]
        except ssl.SSLError as error:
            raise self._session.failure(error) from error
        await self._session.flush()

    async def read(self) -> bytes:
        """As of any transport. TLS 1.3 refuses a client's certificate only here: then `TlsFailure` names the alert."""
        octets = await self._session.drive(lambda: self._session.tls.read(_CHUNK))
        return octets if isinstance(octets, bytes) else b""

    async def close(self) -> None:
        """Send close_notify, then end the connection. The peer's close_notify is not awaited, as RFC 8446 6.1 allows."""
        if self._open:
            self._open = False
            with suppress(ssl.SSLError, ConnectionError):
                self._session.say_goodbye()
                await self._session.flush()
        await self._inner.close()

    async def abort(self) -> None:
        """Tear the connection down below TLS, without close_notify."""
        self._open = False
        await abort(self._inner)


async def tls_connect(
    transport: Transport, profile: TlsProfile, *, capture: Capture | None = None, clock: Clock | None = None
) -> TlsTransport:
    """Secure a transport as its client. With a `capture`, records and secrets are recorded there.

    Raises `TlsFailure`, after which the transport is closed, and `DescriptionError` for a profile that cannot be used.
    """
    return await _secure(transport, profile, capture, clock, server=False)


async def tls_accept(
    transport: Transport, profile: TlsProfile, *, capture: Capture | None = None, clock: Clock | None = None
) -> TlsTransport:
    """Secure a transport as its server; otherwise as `tls_connect`."""
    return await _secure(transport, profile, capture, clock, server=True)


def client_context(profile: TlsProfile) -> ssl.SSLContext:
    """What Python's ssl needs to be that client; raises `DescriptionError` when chain, key or roots cannot be used."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, profile)
    context.check_hostname = bool(profile.server_name) and not profile.accept_any_chain
    context.verify_mode = ssl.CERT_NONE if profile.accept_any_chain else ssl.CERT_REQUIRED
    return context


def server_context(profile: TlsProfile) -> ssl.SSLContext:
    """What Python's ssl needs to be that server. No tickets: a V2G session is never resumed by TLS."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, profile)
    if not profile.chain:
        raise DescriptionError("a TLS server needs a certificate chain and its key", remedy="give both as PEM")
    context.verify_mode = ssl.CERT_REQUIRED if profile.require_client_certificate else ssl.CERT_NONE
    context.num_tickets = 0
    return context


def _context(protocol: int, profile: TlsProfile) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    with warnings.catch_warnings():  # old versions are deprecated, which is why a tester offers them
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = profile.minimum, profile.maximum
    if profile.ciphers:
        _usable("the cipher list", lambda: context.set_ciphers(profile.ciphers))
    if not profile.lab:
        context.set_ecdh_curve(STANDARD_GROUP)
    if profile.roots:
        _usable("the roots", lambda: context.load_verify_locations(cadata=profile.roots.decode("ascii")))
    if profile.chain:
        for chain, key in ((profile.chain, profile.key), *profile.more_chains):
            _load_chain(context, chain, key)
    return context


def _load_chain(context: ssl.SSLContext, chain: bytes, key: bytes) -> None:
    """ssl reads keys from files only; this one is private and gone a moment later."""
    with _private_file(chain + b"\n" + key) as path:
        _usable("the certificate chain with its key", lambda: context.load_cert_chain(path, password=_refuse_to_ask))


def _usable(what: str, use: Any) -> None:
    try:
        use()
    except (ssl.SSLError, UnicodeDecodeError) as refused:
        said = getattr(refused, "reason", None) or str(refused)
        raise DescriptionError(
            f"{what} cannot be used: {said.replace('_', ' ').lower()}",
            remedy="chain and roots are PEM, leaf first; the key is PEM, not encrypted, and belongs to the leaf",
        ) from refused


def _refuse_to_ask() -> str:
    raise DescriptionError("the private key is encrypted", remedy="give it decrypted: openssl pkey -in KEY -out PLAIN")


@contextmanager
def _private_file(octets: bytes = b"") -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="v2x-harness-") as directory:
        path = os.path.join(directory, "private")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(octets)
        yield path


async def _secure(
    transport: Transport, profile: TlsProfile, capture: Capture | None, clock: Clock | None, *, server: bool
) -> TlsTransport:
    context = server_context(profile) if server else client_context(profile)
    if capture is not None:
        transport = captured(transport, capture, clock or Clock())
    with _private_file() as key_log:
        context.keylog_filename = key_log
        session = _Session(transport, context, server=server, server_name=profile.server_name)
        try:
            await session.shake_hands()
        except BaseException:
            await transport.close()
            raise
        finally:
            secrets = _secrets(key_log)
            if capture is not None:
                capture.secrets += secrets
            _stop_logging(context)
    return TlsTransport(transport, session, secrets)


def _secrets(key_log: str) -> list[str]:
    """All secrets of a connection are known when its handshake ends: there is no renegotiation, and no ticket."""
    lines = Path(key_log).read_text(encoding="ascii").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _stop_logging(context: ssl.SSLContext) -> None:
    context.keylog_filename = None  # type: ignore[assignment]  # the stub knows only str; None closes the file


class _Session:
    """The state machine of OpenSSL between two memory buffers, and the transport that empties and fills them."""

    def __init__(self, inner: Transport, context: ssl.SSLContext, *, server: bool, server_name: str) -> None:
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        wanted = server_name if server_name and not server else None
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server, server_hostname=wanted)
        self._flushing = asyncio.Lock()  # records must leave in the order in which they were numbered
        self._sent_last = b""

    async def shake_hands(self) -> None:
        try:
            await self.drive(self.tls.do_handshake)
            await self.flush()
        except TlsFailure:
            raise
        except ConnectionError as torn:
            raise TlsFailure(f"the peer tore the connection during the handshake ({torn})", by="peer") from torn

    async def drive(self, step: Any) -> object:
        """Take one step of OpenSSL, moving octets for as long as it wants some; what it refuses is a `TlsFailure`."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self.flush()
                self._take(await self._inner.read())
            except ssl.SSLError as error:
                with suppress(ConnectionError):
                    await self.flush()
                raise self.failure(error) from error
            else:
                return done

    async def flush(self) -> None:
        async with self._flushing:
            if octets := self._outgoing.read():
                self._sent_last = octets
                await self._inner.write(octets)

    def say_goodbye(self) -> None:
        with suppress(ssl.SSLWantReadError):  # it would now wait for the peer's goodbye
            self.tls.unwrap()

    def failure(self, error: ssl.SSLError) -> TlsFailure:
        return _failure(error, self._sent_last, _peer_chain(self.tls))

    def _take(self, octets: bytes) -> None:
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()


def _failure(error: ssl.SSLError, sent_last: bytes, peer_chain: tuple[bytes, ...]) -> TlsFailure:
    code = (error.reason or "").upper()
    if isinstance(error, ssl.SSLEOFError) or code == "UNEXPECTED_EOF_WHILE_READING":
        return TlsFailure("the peer closed the connection without close_notify", by="peer", peer_chain=peer_chain)
    _, is_alert, alert = code.partition("_ALERT_")
    if is_alert:
        alert = alert.lower()
        return TlsFailure(_words(alert), by="peer", alert=alert, peer_chain=peer_chain)
    alert = _plain_alert(sent_last) or _own_alert(error, code)
    said = f"we refused: {_own_reason(error, code)}" + (f" (alert {_words(alert)})" if alert else "")
    return TlsFailure(said, by="us", alert=alert, peer_chain=peer_chain)


def _own_reason(error: ssl.SSLError, code: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed, {error.verify_message}"
    return _words(code) or str(error)


def _words(name: str) -> str:
    return name.replace("_", " ").lower()


_OWN_ALERTS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "certificate_required",
    "NO_SHARED_CIPHER": "handshake_failure",
    "NO_SUITABLE_KEY_SHARE": "handshake_failure",
    "NO_SUITABLE_GROUPS": "handshake_failure",
    "NO_SUITABLE_SIGNATURE_ALGORITHM": "handshake_failure",
    "UNSUPPORTED_PROTOCOL": "protocol_version",
    "WRONG_VERSION_NUMBER": "protocol_version",
    "WRONG_SIGNATURE_TYPE": "illegal_parameter",
}
_VERIFY_ALERTS = {
    "certificate is not yet valid": "bad_certificate",
    "certificate has expired": "certificate_expired",
    "certificate revoked": "certificate_revoked",
    "unsupported certificate purpose": "unsupported_certificate",
    "unsuitable certificate purpose": "unsupported_certificate",
    "invalid CA certificate": "unknown_ca",
    "path length constraint exceeded": "unknown_ca",
    "self-signed certificate": "unknown_ca",
    "self-signed certificate in certificate chain": "unknown_ca",
    "unable to get local issuer certificate": "unknown_ca",
    "unable to get issuer certificate": "unknown_ca",
    "unable to verify the first certificate": "unknown_ca",
}


def _own_alert(error: ssl.SSLError, code: str) -> str:
    """The alert OpenSSL chose for its refusal, as far as its reason tells; it may have left encrypted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY_ALERTS.get(str(error.verify_message), "")
    return _OWN_ALERTS.get(code, "")


_ALERT_RECORD = 21
_CERTIFICATE_REQUIRED = 116  # younger than Python's list


def _plain_alert(octets: bytes) -> str:
    """The alert in the last of some unencrypted records, if that is what it is."""
    if len(octets) < 7:
        return ""
    kind, _version, length, _level, number = struct.unpack(">BHHBB", octets[-7:])
    if (kind, length) != (_ALERT_RECORD, 2):
        return ""
    if number == _CERTIFICATE_REQUIRED:
        return "certificate_required"
    known = {alert.value: alert.name for alert in ssl.AlertDescription}
    return known[number].removeprefix("ALERT_DESCRIPTION_").lower() if number in known else f"alert_{number}"


def _peer_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """What the peer presented, leaf first. Before Python 3.13 only the inner object gives more than the leaf."""
    unverified = getattr(tls, "get_unverified_chain", None) or getattr(
        getattr(tls, "_sslobj", None), "get_unverified_chain", None
    )
    if unverified is not None:
        chain = unverified() or ()
        return tuple(
            each if isinstance(each, bytes) else ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in chain
        )
    leaf = tls.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()
