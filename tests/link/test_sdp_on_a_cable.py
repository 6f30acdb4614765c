"""SDP, TCP and TLS where ISO 15118 lives: IPv6 link-local addresses and multicast, on a private cable.

Each scenario is a function of this file, run as a program of its own (`python test_sdp_on_a_cable.py NAME`) in a network
namespace with a veth pair; its far side is the same file again, started in the far namespace. A machine that forbids
namespaces skips with the reason.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from harness.errors import BenchError
from harness.evidence.pcapng import pcapng
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.namespace import End, isolated, veth_pair, why_forbidden
from harness.link.sockets import SocketNetwork
from harness.link.tap import captured_datagrams
from harness.link.tls import TlsProfile, tls_accept, tls_connect
from harness.link.transport import Address, Datagrams, Transport
from harness.pki.factory import make_pki
from harness.pki.recipe import Recipe
from harness.v2g.sdp import ALL_NODES, SERVER_PORT, SdpClient, SdpRequest, SdpResponse, Security, answer, encode
from harness.v2g.v2gtp import frame


async def secc(interface: str, pki_directory: str) -> None:
    """The far side: answers SDP on its interface, and echoes over TLS where it says it listens."""
    network = SocketNetwork(interface)
    profile = profile_from(Path(pki_directory), "secc", "oem_root")

    async def echo(plain: Transport) -> None:
        transport = await tls_accept(plain, profile)
        while octets := await transport.read():
            await transport.write(octets)
        await transport.close()

    listener = await network.listen(0, echo)
    server = await network.datagrams(SERVER_PORT, ALL_NODES)
    here = IPv6Address(network.host.partition("%")[0])
    print("ready", flush=True)
    while True:
        octets, sender = await server.receive()
        if reply := answer(octets, here, {Security.TLS: listener.address.port}):
            await server.send(reply, sender)


async def discovered(datagrams: Datagrams, client: SdpClient) -> tuple[SdpResponse, Address]:
    """What an EV does: ask, wait, ask again."""
    loop = asyncio.get_running_loop()
    while not client.given_up(loop.time()):
        if request := client.due(loop.time()):
            await datagrams.send(request, Address(ALL_NODES, SERVER_PORT))
        try:
            async with asyncio.timeout_at(client.deadline):
                octets, sender = await datagrams.receive()
        except TimeoutError:
            continue
        if isinstance(response := client.hear(octets), SdpResponse):
            return response, sender
    raise AssertionError(f"no answer to {client.sent} requests")


async def ev_finds_the_secc_and_talks_to_it(near: End, directory: Path) -> None:
    network, capture, clock = SocketNetwork(near.interface), Capture(), Clock()
    datagrams = captured_datagrams(await network.datagrams(), capture, clock)
    response, sender = await discovered(datagrams, SdpClient())
    print(response.address, sender, response.security, response.port in range(49152, 65536))
    plain = await network.connect(Address(str(response.address), response.port))
    print(plain.local.host, plain.remote.host)
    transport = await tls_connect(plain, profile_from(directory, "vehicle", "v2g_root"), capture=capture, clock=clock)
    await transport.write(b"hello SECC")
    print((await transport.read()).decode(), transport.version)
    await transport.close()
    await datagrams.close()
    file = pcapng(capture, clock.anchor_wall, clock.anchor_at)
    print([segment.flow.kind for segment in capture.segments[:3]], len(file) > 1000)


async def malformed_requests_stay_unanswered(near: End, _directory: Path) -> None:
    network = SocketNetwork(near.interface)
    odd, sound = await network.datagrams(), await network.datagrams()
    everyone = Address(ALL_NODES, SERVER_PORT)
    for wrong in b"\0", frame(0x9000, b"\0"), frame(0x9000, b"\x01\0"), frame(0x9002, bytes(62)):
        await odd.send(wrong, everyone)
    await sound.send(encode(SdpRequest(Security.NONE)), everyone)
    octets, _sender = await sound.receive()  # requests are answered in turn: the others had theirs
    print(type(SdpClient().hear(octets)).__name__)
    try:
        async with asyncio.timeout(0):
            print("answered", await odd.receive())
    except TimeoutError:
        print("silence")
    await odd.close()
    await sound.close()


async def an_interface_without_a_cable_is_a_bench_error(near: End, _directory: Path) -> None:
    from pyroute2 import AsyncIPRoute

    async with AsyncIPRoute() as net:
        (index,) = await net.link_lookup(ifname=near.interface)
        await net.link("set", index=index, state="down")
    try:
        SocketNetwork(near.interface)
    except BenchError as broken:
        print(broken)


def profile_from(directory: Path, name: str, roots: str) -> TlsProfile:
    chain, key = (directory / name / file for file in ("chain.pem", "key.pem"))
    return TlsProfile(chain.read_bytes(), key.read_bytes(), (directory / "roots" / f"{roots}.pem").read_bytes())


@contextmanager
def far_secc(far: End, directory: Path) -> Iterator[None]:
    command = [sys.executable, __file__, "secc", far.interface, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=far.join) as program:
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == "ready\n"
            yield
        finally:
            program.kill()


SCENARIOS = (
    ev_finds_the_secc_and_talks_to_it,
    malformed_requests_stay_unanswered,
    an_interface_without_a_cable_is_a_bench_error,
)


def play(name: str, directory: Path) -> None:
    (scenario,) = (each for each in SCENARIOS if each.__name__ == name)
    with veth_pair() as (near, far), far_secc(far, directory):
        asyncio.run(scenario(near, directory))


@pytest.fixture(scope="module")
def on_a_cable(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """Runs a scenario of this file in a namespace of its own and gives the lines it printed."""
    if reason := why_forbidden():
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp("pki")
    make_pki(Recipe(), datetime.now(UTC)).write(directory)

    def run(scenario: str) -> list[str]:
        command = isolated([sys.executable, __file__, scenario, str(directory)])
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_an_ev_finds_the_secc_by_multicast_and_talks_to_it_over_tls(on_a_cable: Callable[[str], list[str]]) -> None:
    assert on_a_cable("ev_finds_the_secc_and_talks_to_it") == [
        "fe80::2 [fe80::2%v2x0]:15118 0 True",
        "fe80::1%v2x0 fe80::2%v2x0",
        "hello SECC TLSv1.3",
        "['udp', 'udp', 'tcp'] True",
    ]


def test_an_secc_answers_the_well_formed_request_and_is_silent_to_the_others(
    on_a_cable: Callable[[str], list[str]],
) -> None:
    assert on_a_cable("malformed_requests_stay_unanswered") == ["SdpResponse", "silence"]


def test_an_interface_that_is_down_is_a_bench_error_with_a_remedy(on_a_cable: Callable[[str], list[str]]) -> None:
    (said,) = on_a_cable("an_interface_without_a_cable_is_a_bench_error")
    assert said.startswith("Interface v2x0 is down or has no carrier.")


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "secc":
        asyncio.run(secc(*arguments))
    else:
        play(what, Path(arguments[0]))
