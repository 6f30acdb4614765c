"""A private network with two ends, for devices that must be reached as on a real cable.

ISO 15118 runs on IPv6 link-local addresses and finds the SECC by multicast (SDP). Loopback has neither. A Linux network
namespace with a veth pair has both, needs no hardware, and on most machines no root:

    near namespace (this process)            far namespace
    v2x0  fe80::1  -------- veth -------- v2x1  fe80::2

A process enters the near namespace once (`enter_private_network`), before it has a second thread; `veth_pair` then
makes the far one. Programs and sockets of the far side are started there with `End.join` and `End.inside`. Everything
is gone when the last process of the namespaces ends; nothing on the machine outside changes.

    python -m harness.link.namespace COMMAND...      runs COMMAND in a fresh near namespace
    python -m harness.link.namespace --check         says whether this machine allows it

This module knows nothing of V2G, and nothing of what runs at the two ends.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import BenchError

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
_NODAD = 0x02  # IFA_F_NODAD: usable at once; two known ends need no search for duplicate addresses
_NO_ADDRESS_OF_ITS_OWN = 1  # IN6_ADDR_GEN_MODE_NONE: else the kernel adds a second, tentative link-local address
_CARRIER_WAIT_MS = 5000
_NEAR_INDEX = 100  # were both ends number 2 of their namespace, the kernel would notice the carrier a second later
_libc = ctypes.CDLL(None, use_errno=True)

REMEDY = (
    "Run as root, or allow user namespaces: sysctl user.max_user_namespaces must not be 0, and on Ubuntu 24.04 "
    "kernel.apparmor_restrict_unprivileged_userns must be 0. "
    "A container needs --cap-add SYS_ADMIN --cap-add NET_ADMIN. "
    "Without namespaces, test over loopback with a direct host and port; SDP multicast is then not shown."
)


class NamespaceError(BenchError):
    """This machine does not let us make network namespaces; the text says what was refused and what helps."""


@dataclass(frozen=True)
class End:
    """One end of a veth pair: the interface, its link-local address, and the namespace they live in."""

    interface: str
    address: str
    namespace: int  # file descriptor; open as long as the pair exists

    def join(self) -> None:
        """Move the calling thread to this end for good. Made for `preexec_fn`; raises OSError."""
        _set_namespace(self.namespace)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be at this end for a while: a socket made within stays here.

        Never await within: other tasks of the thread would come along.
        """
        with _and_back():
            _set_namespace(self.namespace)
            yield


def enter_private_network() -> None:
    """Move this process into a network namespace of its own, where it is root over the network and nothing else.

    Must be called while the process has one thread. Raises NamespaceError; the process is then of no further use.
    """
    try:
        if not _unshared_as_root():
            _unshare_as_user()
        _bring_up_loopback()
    except OSError as refused:
        raise NamespaceError(f"Cannot make a network namespace: {refused.strerror}. {REMEDY}") from refused


@contextmanager
def veth_pair(near: str = "v2x0", far: str = "v2x1") -> Iterator[tuple[End, End]]:
    """A cable between this namespace (fe80::1) and a new one (fe80::2), both usable at once; gone on exit.

    Gives (near end, far end). Raises NamespaceError when the process may not change its network.
    """
    with ExitStack() as undo:
        try:
            here = _own_namespace()
            undo.callback(os.close, here)
            there = _new_namespace()
            undo.callback(os.close, there)
            ends = End(near, "fe80::1", here), End(far, "fe80::2", there)
            _plug_in(*ends)
            undo.callback(_unplug, near)
        except OSError as refused:
            raise NamespaceError(f"Cannot make a veth pair: {refused.strerror}. {REMEDY}") from refused
        yield ends


def isolated(command: Sequence[str]) -> list[str]:
    """The command line that runs `command` in a fresh near namespace, with this Python."""
    return [sys.executable, "-m", "harness.link.namespace", *command]


def why_forbidden() -> str | None:
    """None where namespaces work; else the reason, in one paragraph. Tries it for real in a process of its own."""
    tried = subprocess.run(isolated(["--check"]), capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else tried.stderr.strip() or f"exit code {tried.returncode}"


def _unshared_as_root() -> bool:
    """Real root needs no user namespace, and some machines allow root only this way."""
    if os.geteuid() != 0:
        return False
    try:
        _unshare(CLONE_NEWNET)
    except PermissionError:
        return False
    return True


def _unshare_as_user() -> None:
    user, group = os.geteuid(), os.getegid()
    _unshare(CLONE_NEWUSER | CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny")  # the kernel asks for this before a user may map a group
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def _new_namespace() -> int:
    """A file descriptor keeps a namespace alive, so that no process must sit in it."""
    with _and_back():
        _unshare(CLONE_NEWNET)
        _bring_up_loopback()
        return _own_namespace()


@contextmanager
def _and_back() -> Iterator[None]:
    home = _own_namespace()
    try:
        yield
    finally:
        _set_namespace(home)
        os.close(home)


def _own_namespace() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _plug_in(near: End, far: End) -> None:
    with _netlink() as net:
        peer = {"ifname": far.interface, "net_ns_fd": far.namespace}
        net.link("add", ifname=near.interface, index=_NEAR_INDEX, kind="veth", peer=peer)
        _bring_up(net, near)
    with far.inside(), _netlink() as net:
        _bring_up(net, far)
        _wait_for_carrier(net, far)
    with _netlink() as net:
        _wait_for_carrier(net, near)


def _bring_up(net: Any, end: End) -> None:
    index = net.link_lookup(ifname=end.interface)[0]
    silent = {"attrs": [("AF_INET6", {"attrs": [("IFLA_INET6_ADDR_GEN_MODE", _NO_ADDRESS_OF_ITS_OWN)]})]}
    net.link("set", index=index, IFLA_AF_SPEC=silent)
    net.addr("add", index=index, address=end.address, prefixlen=64, flags=_NODAD)
    net.link("set", index=index, state="up")


def _wait_for_carrier(net: Any, end: End) -> None:
    """The kernel notices a new carrier a little later and silently drops whatever is sent before."""
    for _ in range(_CARRIER_WAIT_MS):
        if net.get_links(ifname=end.interface)[0].get("operstate") == "UP":
            return
        time.sleep(0.001)
    raise OSError(errno.ENETDOWN, f"{end.interface} has no carrier after {_CARRIER_WAIT_MS / 1000:g} s")


def _bring_up_loopback() -> None:
    with _netlink() as net:
        net.link("set", index=socket.if_nametoindex("lo"), state="up")


def _unplug(interface: str) -> None:
    """Also takes the far end away; a namespace that a stray process still holds must not keep our name taken."""
    with _netlink() as net:
        for index in net.link_lookup(ifname=interface):
            net.link("del", index=index)


@contextmanager
def _netlink() -> Iterator[Any]:
    """rtnetlink of the namespace we are in now. Imported late: only those who need a namespace pay for it."""
    from pyroute2 import IPRoute
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        with IPRoute() as net:
            yield net
    except NetlinkError as refused:
        raise OSError(refused.code, os.strerror(refused.code)) from refused


def _unshare(flags: int) -> None:
    _succeed(_libc.unshare(flags))


def _set_namespace(descriptor: int) -> None:
    _succeed(_libc.setns(descriptor, CLONE_NEWNET))


def _succeed(outcome: int) -> None:
    if outcome != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main(arguments: Sequence[str]) -> int:
    """Run a command in a private network, or check that one can be had. Exit code 4: this machine forbids it."""
    if not arguments:
        print("Usage: python -m harness.link.namespace (--check | COMMAND...)", file=sys.stderr)
        return 3
    try:
        enter_private_network()
        if arguments[0] == "--check":
            with veth_pair():
                return 0
        os.execvp(arguments[0], list(arguments))
    except NamespaceError as refused:
        print(refused, file=sys.stderr)
        return 4
    except OSError as failed:
        print(f"Cannot start {arguments[0]}: {failed.strerror}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
