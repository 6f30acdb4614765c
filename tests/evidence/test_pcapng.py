"""Captures as pcapng: read back by scapy, and by tshark where it is installed, decrypted."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import PcapNgReader

from harness.evidence.pcapng import pcapng
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.sockets import SocketNetwork
from harness.link.tls import TlsProfile, tls_accept, tls_connect
from harness.link.transport import Address, Network, Transport
from harness.link.virtual import VirtualTimeLoop
from harness.pki.factory import make_pki
from harness.pki.recipe import Recipe

WALL = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TESTER, SECC = Address("fe80::1%eth0", 50000), Address("fe80::2%eth0", 50001)


def packets(octets: bytes) -> list[Packet]:
    with PcapNgReader(io.BytesIO(octets)) as reader:
        return [Ether(bytes(packet)) for packet in reader]


def conversation(*said: tuple[bool, bytes], local: Address = TESTER, remote: Address = SECC) -> Capture:
    capture = Capture()
    flow = capture.flow(local, remote)
    for number, (outbound, octets) in enumerate(said):
        capture.add(10.0 + number, flow, octets, outbound=outbound)
    return capture


def flags(read: list[Packet]) -> list[str]:
    return [str(packet[TCP].flags) for packet in read]


def test_a_connection_has_a_handshake_before_and_an_end_after_what_was_said() -> None:
    read = packets(pcapng(conversation((True, b"request"), (False, b"response")), WALL, 10.0))
    assert flags(read) == ["S", "SA", "A", "PA", "PA", "FA", "FA", "A"]
    assert [bytes(packet[TCP].payload) for packet in read[3:5]] == [b"request", b"response"]
    assert (read[3][IPv6].src, read[3][TCP].sport, read[3][IPv6].dst, read[3][TCP].dport) == (
        "fe80::1",
        50000,
        "fe80::2",
        50001,
    )
    assert (read[4][IPv6].src, read[4][TCP].dport) == ("fe80::2", 50000)


def test_who_speaks_first_opens_the_connection() -> None:
    for tester_first in True, False:
        read = packets(pcapng(conversation((tester_first, b"first")), WALL))
        assert (read[0][IPv6].src == "fe80::1") is tester_first


def test_sequence_and_acknowledgement_numbers_count_every_octet() -> None:
    read = packets(pcapng(conversation((True, b"x" * 5000), (False, b"y" * 10), (True, b"z")), WALL))
    sent = {"fe80::1": read[0][TCP].seq, "fe80::2": read[1][TCP].seq}
    for packet in read:
        assert packet[TCP].seq == sent[packet[IPv6].src]
        if "A" in packet[TCP].flags:
            assert packet[TCP].ack == sent[packet[IPv6].dst]
        counted = len(bytes(packet[TCP].payload)) + sum(flag in packet[TCP].flags for flag in "SF")
        sent[packet[IPv6].src] = (sent[packet[IPv6].src] + counted) % 2**32


def test_large_writes_are_cut_to_the_segment_size_of_ethernet() -> None:
    read = packets(pcapng(conversation((True, bytes(3000))), WALL))
    assert [len(bytes(packet[TCP].payload)) for packet in read[3:6]] == [1440, 1440, 120]
    assert max(len(packet) for packet in read) == 14 + 1500
    assert flags(read[3:6]) == ["A", "A", "PA"]


@pytest.mark.parametrize(
    ("local", "remote", "layer"),
    [
        (TESTER, SECC, IPv6),
        (Address("127.0.0.1", 1), Address("127.0.0.1", 2), IP),
        (Address("csms.example", 1), Address("192.0.2.1", 2), IPv6),
        (Address("memory", 1), Address("memory", 2), IPv6),
    ],
)
@pytest.mark.parametrize("said", [b"odd", b"even", bytes(20), b"\xff" * 1441])
def test_checksums_are_those_another_tool_computes(local: Address, remote: Address, layer: type, said: bytes) -> None:
    for packet in packets(pcapng(conversation((True, said), (False, said), local=local, remote=remote), WALL)):
        again = packet.copy()
        del again[TCP].chksum
        if layer is IP:
            del again[IP].chksum
        assert packet.haslayer(layer)
        assert bytes(Ether(bytes(again))) == bytes(packet)


def test_datagrams_become_udp_and_multicast_keeps_its_ethernet_address() -> None:
    capture = Capture()
    asked = capture.flow(TESTER, Address("ff02::1", 15118), "udp")
    answered = capture.flow(TESTER, Address("fe80::2%eth0", 15118), "udp")
    capture.add(1.0, asked, b"question", outbound=True)
    capture.add(1.25, answered, b"answer", outbound=False)
    question, answer = packets(pcapng(capture, WALL))
    assert (question[Ether].dst, question[IPv6].dst, question[UDP].dport) == ("33:33:00:00:00:01", "ff02::1", 15118)
    assert bytes(question[UDP].payload) == b"question"
    assert (answer[IPv6].src, answer[UDP].sport, answer[UDP].dport) == ("fe80::2", 15118, 50000)
    for packet in question, answer:
        again = packet.copy()
        del again[UDP].chksum
        assert bytes(Ether(bytes(again))) == bytes(packet)


def test_times_are_wall_time_from_the_anchor_to_the_microsecond() -> None:
    capture = conversation((True, b"one"), (True, b"two"))
    with PcapNgReader(io.BytesIO(pcapng(capture, WALL, 9.5))) as reader:
        times = [packet.time for packet in reader]
    expected = [WALL + timedelta(seconds=seconds) for seconds in (0.5, 1.5)]
    assert [round(float(times[n]) - each.timestamp(), 6) for n, each in zip((3, 4), expected, strict=True)] == [0, 0]


def test_two_connections_between_the_same_ports_stay_apart() -> None:
    capture = Capture()
    for said in b"one", b"two":
        capture.add(1.0, capture.flow(TESTER, SECC), said, outbound=True)
    read = packets(pcapng(capture, WALL))
    assert flags(read) == ["S", "SA", "A", "PA", "FA", "FA", "A"] * 2
    assert read[0][TCP].seq != read[7][TCP].seq


def test_secrets_come_before_all_packets_and_once() -> None:
    capture = conversation((True, b"request"))
    capture.secrets += ["CLIENT_RANDOM aa bb", "CLIENT_RANDOM aa bb"]
    octets = pcapng(capture, WALL)
    assert octets.count(b"CLIENT_RANDOM aa bb\n") == 1
    assert octets.index(b"CLIENT_RANDOM") < octets.index(b"request")


def test_an_empty_capture_is_a_file_without_packets() -> None:
    octets = pcapng(Capture(), WALL, comment="TC_SECC_000: nothing happened")
    assert packets(octets) == []
    assert b"TC_SECC_000: nothing happened" in octets
    assert b"made up" in octets


Body = Callable[[Network], Coroutine[Any, Any, Capture]]


def in_virtual_time(body: Body) -> Capture:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(body(MemoryNetwork()))


def over_loopback(body: Body) -> Capture:
    return asyncio.run(body(SocketNetwork()))


async def secured_session(network: Network) -> Capture:
    """A mutually authenticated TLS 1.3 connection with a large and some small messages, as its client saw it."""
    pki = make_pki(Recipe(), datetime.now(UTC))
    secc, vehicle = pki.chains["secc"], pki.chains["vehicle"]
    done = asyncio.Event()

    async def echo(plain: Transport) -> None:
        transport = await tls_accept(plain, TlsProfile(secc.chain_pem, secc.key_pem, pki.roots_pem("oem_root")))
        while octets := await transport.read():
            await transport.write(octets)
        await transport.close()
        done.set()

    capture = Capture()
    listener = await network.listen(0, echo)
    profile = TlsProfile(vehicle.chain_pem, vehicle.key_pem, pki.roots_pem("v2g_root"))
    client = await tls_connect(await network.connect(listener.address), profile, capture=capture, clock=Clock())
    for said in b"first light", bytes(100_000), b"last words":
        await client.write(said)
        heard = 0
        while heard < len(said):
            heard += len(await client.read())
    await client.close()
    await done.wait()
    await listener.close()
    return capture


@pytest.fixture(params=[in_virtual_time, over_loopback], ids=["memory", "loopback"])
def tls_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed; apt-get install tshark shows that captures decrypt")
    path = tmp_path / "capture.pcapng"
    path.write_bytes(pcapng(request.param(secured_session), WALL))
    return path


def tshark(path: Path, *arguments: str) -> str:
    done = subprocess.run(["tshark", "-n", "-r", str(path), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tshark_decrypts_what_was_said_without_any_other_file(tls_file: Path) -> None:
    said = tshark(tls_file, "-q", "-z", "follow,tls,ascii,0")
    assert "first light" in said
    assert "last words" in said
    handshake = set(tshark(tls_file, "-Y", "tls.handshake.type", "-T", "fields", "-e", "tls.handshake.type").split())
    certificate, certificate_request = "11", "13"
    assert {certificate, certificate_request} <= {kind for line in handshake for kind in line.split(",")}
    close_notify = "0"
    alerts = tshark(tls_file, "-Y", "tls.alert_message", "-T", "fields", "-e", "tls.alert_message.desc")
    assert alerts.split() == [close_notify]  # the tester's own; having said it, the tester reads no more


def test_tshark_finds_nothing_odd_in_tcp_and_all_checksums_good(tls_file: Path) -> None:
    check = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    bad = 0
    odd = f"tcp.analysis.flags || tcp.checksum.status == {bad} || ip.checksum.status == {bad} || _ws.malformed"
    assert tshark(tls_file, *check, "-Y", odd) == ""
