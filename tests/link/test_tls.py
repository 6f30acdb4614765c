"""TLS over any transport: real handshakes, in memory with virtual time and over loopback; who refuses whom, and how it is told."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from harness.errors import DescriptionError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.link import Frame, Link
from harness.link.memory import MemoryNetwork, memory_pair
from harness.link.observation import Closed
from harness.link.sockets import SocketNetwork
from harness.link.tap import abort
from harness.link.tls import (
    TlsFailure,
    TlsProfile,
    TlsTransport,
    client_context,
    server_context,
    tls_accept,
    tls_connect,
)
from harness.link.trace import Timeline
from harness.link.transport import Address, Network, Transport
from harness.link.virtual import VirtualTimeLoop
from harness.pki.factory import Chain, Pki, make_pki
from harness.pki.flaws import FLAWS
from harness.pki.recipe import ChainRecipe, Recipe

PAIRS = tuple(ChainRecipe(name, name) for name in ("secc", "vehicle", "contract"))
FLAWED = tuple(ChainRecipe(f"{profile}_{flaw}", profile, flaw) for profile in ("secc", "vehicle") for flaw in FLAWS)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki(Recipe(PAIRS + FLAWED), datetime.now(UTC))


@pytest.fixture
def secc(pki: Pki) -> TlsProfile:
    return presenting(pki.chains["secc"], pki.roots_pem("oem_root"))


@pytest.fixture
def vehicle(pki: Pki) -> TlsProfile:
    return presenting(pki.chains["vehicle"], pki.roots_pem("v2g_root"))


def presenting(chain: Chain, roots: bytes, **settings: Any) -> TlsProfile:
    return TlsProfile(chain.chain_pem, chain.key_pem, roots, **settings)


Body = Callable[[Network], Coroutine[Any, Any, Any]]


def in_virtual_time(body: Body) -> Any:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(body(MemoryNetwork()))


def over_loopback(body: Body) -> Any:
    async def in_time() -> Any:
        async with asyncio.timeout(10):
            return await body(SocketNetwork())

    return asyncio.run(in_time())


@pytest.fixture(params=[in_virtual_time, over_loopback], ids=["memory", "loopback"])
def run(request: pytest.FixtureRequest) -> Callable[[Body], Any]:
    return request.param  # type: ignore[no-any-return]


@dataclass
class Ends:
    """What came of a handshake: at each end a secured transport, or the failure."""

    client: TlsTransport | TlsFailure
    server: TlsTransport | TlsFailure
    capture: Capture

    @property
    def both(self) -> tuple[TlsTransport, TlsTransport]:
        assert isinstance(self.client, TlsTransport) and isinstance(self.server, TlsTransport)
        return self.client, self.server

    async def close(self) -> None:
        for end in self.client, self.server:
            if isinstance(end, TlsTransport):
                await end.close()


async def shaken(network: Network, client: TlsProfile, server: TlsProfile) -> Ends:
    accepted: asyncio.Future[TlsTransport | TlsFailure] = asyncio.get_running_loop().create_future()

    async def accept(transport: Transport) -> None:
        accepted.set_result(await outcome(tls_accept(transport, server)))

    listener, capture = await network.listen(0, accept), Capture()
    plain = await network.connect(listener.address)
    near = await outcome(tls_connect(plain, client, capture=capture, clock=Clock()))
    far = await accepted
    await listener.close()
    return Ends(near, far, capture)


async def outcome(handshake: Coroutine[Any, Any, TlsTransport]) -> TlsTransport | TlsFailure:
    try:
        return await handshake
    except TlsFailure as failure:
        return failure


def test_both_ends_authenticate_each_other_and_talk(
    run: Callable[[Body], Any], pki: Pki, vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, secc)
        client, server = ends.both
        for speaker, hearer in ((client, server), (server, client)):
            await speaker.write(b"x" * 100_000)
            heard = b""
            while len(heard) < 100_000:
                heard += await hearer.read()
            assert heard == b"x" * 100_000
        for end in client, server:
            assert (end.version, end.cipher) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
        assert client.peer_chain == pki.chains["secc"].chain_der
        assert server.peer_chain == pki.chains["vehicle"].chain_der
        assert (client.local, client.remote) == (server.remote, server.local)
        await client.close()
        assert await server.read() == b""
        await server.close()

    run(body)


def test_a_missing_client_certificate_is_refused_by_the_server_and_named_by_the_alert_at_the_client(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(vehicle, chain=b"", key=b""), secc)
        assert isinstance(ends.server, TlsFailure)
        assert (ends.server.alert, ends.server.by) == ("certificate_required", "us")
        assert isinstance(ends.client, TlsTransport)  # TLS 1.3: the client's handshake is over before the server looks
        with pytest.raises(TlsFailure) as failure:
            await ends.client.read()
        assert str(failure.value) == "tls: certificate required"
        assert (failure.value.alert, failure.value.by) == ("certificate_required", "peer")
        await ends.close()

    run(body)


REFUSED_CHAINS: Mapping[str, str] = {
    "wrong_root": "unknown_ca",
    "expired": "certificate_expired",
    "not_yet_valid": "bad_certificate",
    "missing_sub_ca": "unknown_ca",
    "wrong_usage": "unsupported_certificate",
}


@pytest.mark.parametrize(("flaw", "alert"), REFUSED_CHAINS.items())
def test_a_server_refuses_a_flawed_client_chain_with_an_alert(
    flaw: str, alert: str, run: Callable[[Body], Any], pki: Pki, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, presenting(pki.chains[f"vehicle_{flaw}"], pki.roots_pem("v2g_root")), secc)
        assert isinstance(ends.server, TlsFailure) and isinstance(ends.client, TlsTransport)
        assert (ends.server.alert, ends.server.by) == (alert, "us")
        with pytest.raises(TlsFailure) as failure:
            await ends.client.read()
        assert (failure.value.alert, failure.value.by) == (alert, "peer")
        await ends.close()

    run(body)


@pytest.mark.parametrize(("flaw", "alert"), REFUSED_CHAINS.items())
def test_a_client_refuses_a_flawed_server_chain_with_an_alert(
    flaw: str, alert: str, run: Callable[[Body], Any], pki: Pki, vehicle: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, presenting(pki.chains[f"secc_{flaw}"], pki.roots_pem("oem_root")))
        assert isinstance(ends.client, TlsFailure) and isinstance(ends.server, TlsFailure)
        assert (ends.client.alert, ends.client.by) == (alert, "us")
        assert (ends.server.alert, ends.server.by) == (alert, "peer")
        assert "certificate verify failed" in ends.client.reason

    run(body)


def test_a_client_of_tls_1_2_is_refused_by_a_server_of_tls_1_3(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        old = replace(vehicle, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_2)
        ends = await shaken(network, old, secc)
        assert isinstance(ends.client, TlsFailure) and isinstance(ends.server, TlsFailure)
        assert (ends.client.alert, ends.client.by) == ("protocol_version", "peer")
        assert (ends.server.alert, ends.server.by) == ("protocol_version", "us")

    run(body)


def test_a_server_of_tls_1_2_is_refused_by_a_client_of_tls_1_3(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        old = replace(secc, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_2)
        ends = await shaken(network, vehicle, old)
        assert isinstance(ends.client, TlsFailure) and isinstance(ends.server, TlsFailure)
        assert (ends.client.alert, ends.client.by) == ("protocol_version", "peer")

    run(body)


def test_both_can_agree_on_tls_1_2_and_a_cipher_of_it(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"
        old = {"minimum": ssl.TLSVersion.TLSv1_2, "maximum": ssl.TLSVersion.TLSv1_2, "ciphers": cipher}
        ends = await shaken(network, replace(vehicle, **old), replace(secc, **old))
        assert [(end.version, end.cipher) for end in ends.both] == [("TLSv1.2", cipher)] * 2
        assert [line.split()[0] for line in ends.capture.secrets] == ["CLIENT_RANDOM"]
        await ends.close()

    run(body)


def test_ends_without_a_common_group_refuse_each_other(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(network: Network) -> None:
        def only_p256(profile: TlsProfile) -> ssl.SSLContext:
            context = client_context(profile)
            context.set_ecdh_curve("prime256v1")
            return context

        monkeypatch.setattr("harness.link.tls.client_context", only_p256)
        ends = await shaken(network, vehicle, secc)
        assert isinstance(ends.client, TlsFailure) and isinstance(ends.server, TlsFailure)
        assert (ends.client.alert, ends.client.by) == ("handshake_failure", "peer")
        assert (ends.server.alert, ends.server.by) == ("handshake_failure", "us")
        monkeypatch.undo()

    run(body)


def test_a_lab_profile_meets_peers_of_other_groups(
    run: Callable[[Body], Any], secc: TlsProfile, vehicle: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(vehicle, lab=True), replace(secc, lab=True))
        assert ends.both
        await ends.close()

    run(body)


def test_a_client_may_take_any_chain_and_keep_it_for_judgement(
    run: Callable[[Body], Any], pki: Pki, vehicle: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        server = presenting(pki.chains["secc_wrong_root"], pki.roots_pem("oem_root"))
        ends = await shaken(network, replace(vehicle, accept_any_chain=True), server)
        assert ends.both[0].peer_chain == pki.chains["secc_wrong_root"].chain_der
        await ends.close()

    run(body)


def test_a_server_may_do_without_a_client_certificate(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, replace(secc, require_client_certificate=False))
        client, server = ends.both
        assert server.peer_chain == ()
        await client.write(b"hello")
        assert await server.read() == b"hello"
        await ends.close()

    run(body)


def test_an_end_without_close_notify_is_told_from_an_orderly_one(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, secc)
        client, server = ends.both
        await client._inner.close()
        with pytest.raises(TlsFailure) as failure:
            await server.read()
        assert str(failure.value) == "tls: the peer closed the connection without close_notify"
        assert failure.value.by == "peer"
        await server.close()
        with pytest.raises(ConnectionError):
            await server.write(b"too late")

    run(body)


def test_aborting_tears_the_connection_below_tls(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        client, server = (await shaken(network, vehicle, secc)).both
        await abort(client)
        with pytest.raises(ConnectionResetError, match=r"^reset by the peer$"):
            await server.read()
        await server.close()

    run(body)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(50), b"\x16\x03\x01\xff\xff" + bytes(100)])
def test_garbage_instead_of_a_server_hello_is_a_failure(
    said: bytes, run: Callable[[Body], Any], vehicle: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        async def babble(transport: Transport) -> None:
            await transport.read()
            await transport.write(said)
            await transport.close()

        listener = await network.listen(0, babble)
        failure = await outcome(tls_connect(await network.connect(listener.address), vehicle))
        assert isinstance(failure, TlsFailure)
        assert failure.reason
        await listener.close()

    run(body)


@pytest.mark.parametrize("end", ["close", "abort"])
def test_a_peer_that_leaves_during_the_handshake_is_a_failure_by_the_peer(
    end: str, run: Callable[[Body], Any], vehicle: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        async def leave(transport: Transport) -> None:
            await transport.read()
            await getattr(transport, end)()

        listener = await network.listen(0, leave)
        failure = await outcome(tls_connect(await network.connect(listener.address), vehicle))
        assert isinstance(failure, TlsFailure)
        assert (failure.by, failure.alert) == ("peer", "")
        await listener.close()

    run(body)


def test_capture_holds_records_of_both_directions_and_the_secrets_of_tls_1_3(
    run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, secc)
        client, server = ends.both
        await client.write(b"visible nowhere")
        await server.read()
        await ends.close()
        for outbound in True, False:
            octets = b"".join(s.octets for s in ends.capture.segments if s.outbound is outbound)
            assert octets[:2] == b"\x16\x03"
            assert b"visible nowhere" not in octets
        assert {line.split()[0] for line in ends.capture.secrets} >= {
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
        }

    run(body)


def test_secrets_of_a_failed_handshake_are_captured_too(
    run: Callable[[Body], Any], pki: Pki, secc: TlsProfile, vehicle: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(vehicle, roots=pki.roots_pem("oem_root")), secc)
        assert isinstance(ends.client, TlsFailure)
        assert ends.client.alert == "unknown_ca"
        assert any(line.startswith("SERVER_HANDSHAKE_TRAFFIC_SECRET") for line in ends.capture.secrets)

    run(body)


def test_nothing_private_stays_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, secc)
        assert left_over() == []
        await ends.close()

    def left_over() -> list[Path]:
        return list(tmp_path.iterdir())

    run(body)


def test_link_records_a_refused_client_certificate_as_the_close(vehicle: TlsProfile, secc: TlsProfile) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, replace(vehicle, chain=b"", key=b""), secc)
        assert isinstance(ends.client, TlsTransport)
        link = Link("v2g", ends.client, Silent(), Timeline(Clock()), role="evcc", peer_role="secc")
        seen = await link.receive(until=10.0)
        assert seen.message == Closed("tls: certificate required")
        assert seen.sender == "secc"
        await link.close()

    in_virtual_time(body)


@pytest.mark.parametrize("over", [in_virtual_time, over_loopback])
def test_link_does_not_take_its_own_close_for_the_peers(
    over: Callable[[Body], Any], vehicle: TlsProfile, secc: TlsProfile
) -> None:
    async def body(network: Network) -> None:
        ends = await shaken(network, vehicle, secc)
        client, server = ends.both
        link = Link("v2g", client, Silent(), Timeline(Clock()), role="evcc", peer_role="secc")
        await asyncio.sleep(0)
        await link.close()
        assert link.closed is not None
        assert (link.closed.sender, link.closed.message) == ("evcc", Closed("closed by the tester"))
        await server.close()

    over(body)


class Silent:
    """A codec for links on which no message travels."""

    rest = b""

    def encode(self, message: Any) -> bytes:
        return bytes(message)

    def feed(self, octets: bytes) -> list[Frame]:
        return [Frame(octets, octets)]

    def facts(self, message: Any) -> Mapping[str, Any]:
        return {"length": len(message)}


def test_a_key_of_another_chain_is_a_description_error(pki: Pki, vehicle: TlsProfile) -> None:
    with pytest.raises(DescriptionError, match="belongs to the leaf"):
        client_context(replace(vehicle, key=pki.chains["contract"].key_pem))


def test_an_encrypted_key_is_a_description_error_and_asks_nobody(pki: Pki, vehicle: TlsProfile) -> None:
    secret = pki.chains["vehicle"].leaf.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    with pytest.raises(DescriptionError, match="encrypted"):
        client_context(replace(vehicle, key=secret))


@pytest.mark.parametrize(
    "roots", [b"no certificate", b"\xff", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"]
)
def test_roots_that_are_no_certificates_are_a_description_error(roots: bytes, vehicle: TlsProfile) -> None:
    with pytest.raises(DescriptionError, match="the roots cannot be used"):
        client_context(replace(vehicle, roots=roots))


def test_ciphers_that_nobody_knows_are_a_description_error(vehicle: TlsProfile) -> None:
    with pytest.raises(DescriptionError, match="the cipher list cannot be used"):
        client_context(replace(vehicle, ciphers="NO-SUCH-CIPHER"))


def test_a_server_without_a_chain_is_a_description_error() -> None:
    with pytest.raises(DescriptionError, match="needs a certificate chain"):
        server_context(TlsProfile())


def test_tls_works_over_a_bare_pair_of_memory_transports(vehicle: TlsProfile, secc: TlsProfile) -> None:
    async def body(_network: Network) -> None:
        near, far = memory_pair(Address("near", 1), Address("far", 2))
        client, server = await asyncio.gather(tls_connect(near, vehicle), tls_accept(far, secc))
        await server.write(b"hello")
        assert await client.read() == b"hello"

    in_virtual_time(body)
