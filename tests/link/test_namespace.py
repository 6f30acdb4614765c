"""Network namespaces: the private cable carries what loopback cannot.

Each scenario is a function of this file, run as a program of its own (`python test_namespace.py NAME`), because a
process enters a namespace for good. A machine that forbids namespaces skips with the reason.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from harness.link.namespace import End, isolated, main, veth_pair, why_forbidden

ALL_NODES = "ff02::1"
PORT = 15118


def multicast_from_near_to_far() -> None:
    with veth_pair() as (near, far):
        listener = far_listener(far)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as speaker:
            speaker.sendto(b"is anybody there", (ALL_NODES, PORT, 0, socket.if_nametoindex(near.interface)))
        octets, sender = listener.recvfrom(100)
        print(octets.decode(), sender[0].partition("%")[0])


def far_listener(far: End) -> socket.socket:
    with far.inside():
        listener = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        interface = socket.if_nametoindex(far.interface)
    listener.settimeout(5)
    listener.bind(("::", PORT))
    group = socket.inet_pton(socket.AF_INET6, ALL_NODES) + interface.to_bytes(4, sys.byteorder)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    return listener


def program_at_the_far_end() -> None:
    show = "import socket; print([name for _, name in socket.if_nameindex()])"
    with veth_pair(near="left", far="right") as (near, far):
        for end in near, far:
            subprocess.run([sys.executable, "-c", show], preexec_fn=end.join, check=True)


def tcp_to_the_far_end() -> None:
    with veth_pair() as (near, far):
        with far.inside():
            server = socket.socket(socket.AF_INET6)
            server.bind((far.address, 0, 0, socket.if_nametoindex(far.interface)))
        server.listen()
        scope = socket.if_nametoindex(near.interface)
        with socket.socket(socket.AF_INET6) as client:
            client.connect((far.address, server.getsockname()[1], 0, scope))
            print(server.accept()[1][0].partition("%")[0])


def loopback_works_at_both_ends() -> None:
    with veth_pair() as (near, far):
        for end in near, far:
            with end.inside():
                server = socket.create_server(("127.0.0.1", 0))
                socket.create_connection(server.getsockname()).close()
            server.close()
            print(end.interface)


def pair_is_gone_afterwards() -> None:
    with veth_pair() as (_near, far):
        stray = subprocess.Popen(["sleep", "60"], preexec_fn=far.join)
    try:
        print([name for _, name in socket.if_nameindex()])
        with veth_pair() as (near, _far):
            print(near.interface)
    finally:
        stray.kill()
        stray.wait()


@pytest.fixture(scope="module")
def private_network() -> Callable[[Callable[[], None]], list[str]]:
    """Runs a scenario of this file in a namespace of its own and gives the lines it printed."""
    if reason := why_forbidden():
        pytest.skip(reason)

    def run(scenario: Callable[[], None]) -> list[str]:
        command = isolated([sys.executable, __file__, scenario.__name__])
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


Run = Callable[[Callable[[], None]], list[str]]


def test_multicast_reaches_the_far_end_from_the_near_link_local_address(private_network: Run) -> None:
    assert private_network(multicast_from_near_to_far) == ["is anybody there fe80::1"]


def test_tcp_connects_at_once_without_waiting_for_duplicate_address_detection(private_network: Run) -> None:
    assert private_network(tcp_to_the_far_end) == ["fe80::1"]


def test_a_program_started_at_an_end_sees_that_interface_and_loopback_alone(private_network: Run) -> None:
    assert private_network(program_at_the_far_end) == ["['lo', 'left']", "['lo', 'right']"]


def test_both_ends_have_a_working_ipv4_loopback(private_network: Run) -> None:
    assert private_network(loopback_works_at_both_ends) == ["v2x0", "v2x1"]


def test_the_cable_is_gone_afterwards_even_if_a_program_stays_behind(private_network: Run) -> None:
    assert private_network(pair_is_gone_afterwards) == ["['lo']", "v2x0"]


@pytest.mark.usefixtures("private_network")
def test_a_command_keeps_its_exit_code_in_a_private_network() -> None:
    assert subprocess.run(isolated([sys.executable, "-c", "raise SystemExit(7)"]), check=False).returncode == 7


def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 3
    assert "Usage" in capsys.readouterr().err


@pytest.mark.usefixtures("private_network")
def test_a_command_that_does_not_exist_is_named() -> None:
    done = subprocess.run(isolated(["no-such-command"]), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (3, "Cannot start no-such-command: No such file or directory")


def test_a_machine_that_forbids_namespaces_gets_a_reason_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_flags: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("harness.link.namespace._unshare", refuse)
    assert main(["--check"]) == 4
    said = capsys.readouterr().err
    assert "Operation not permitted" in said
    assert "max_user_namespaces" in said


if __name__ == "__main__":
    globals()[sys.argv[1]]()
