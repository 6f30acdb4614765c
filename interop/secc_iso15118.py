"""The SECC simulator of `iso15118` at the far end of a private cable: start, readiness, restart, clean stop.

    with veth_pair() as (near, far), ForeignSecc(near, far, log=Path("secc.log")) as secc:
        secc.wait_until_ready()      # SDP was answered: it can be judged now
        ...                          # the tester runs at the near end
    # stopped, log closed

The simulator serves one session after the other. After each it stays deaf to SDP for five seconds (it keeps TCP open so
long); an EV that repeats its SDP request, as the standard wants, just waits. A watcher starts it again when it dies, or when a
session ended in an exception: then it lives on and never answers SDP again.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from harness.errors import BenchError
from harness.link.namespace import End
from interop.process import end, end_with_parent
from interop.setup_iso15118 import PYTHON

_WARM_SECC = Path(__file__).with_name("warm_secc.py")
_ALL_NODES, _SDP_PORT = "ff02::1", 15118
_SDP_REQUEST = bytes.fromhex("01fe9000 00000002")  # V2GTP header of an SDP request, two octets follow
_SDP_RESPONSE = bytes.fromhex("01fe9001 00000014")
_WITH_TLS, _WITHOUT_TLS = 0x00, 0x10
_TASK_ENDED = b" iso15118.shared.utils ("
_HASTY = "1"  # rounds of warming up in the middle of a run, where an EV asks for 12 s by SDP and then gives up
_JAVA = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""For its codec, as four of them share a machine: little memory, and warm in half the time."""


class ForeignSecc:
    """The simulator as a context. With `pki` it speaks TLS 1.3 only over SDP, without it plain TCP.

    `pki` is a folder in the form of `interop.pki_layout`. `restarts` counts how often it died or went deaf and was started
    again; a run in which it grew has found something.
    """

    def __init__(self, near: End, far: End, *, log: Path, pki: Path | None = None) -> None:
        self._near, self._far, self._log_path, self._pki = near, far, log, pki
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping, self._changing = threading.Event(), threading.Lock()
        self._watcher = threading.Thread(target=self._keep_alive, name="foreign-secc-watcher", daemon=True)
        self._read = 0
        self.restarts = 0

    def __enter__(self) -> ForeignSecc:
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log = self._log_path.open("ab")
        self._process = self._start()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changing:
            self._stopping.set()
            if self._process is not None:
                end(self._process)  # its Java child ends by itself when the pipe to it closes
        self._watcher.join()
        if self._log is not None:
            self._log.close()

    def wait_until_ready(self, within: float = 180.0) -> None:
        """Return when the simulator answers SDP with the transport it was started for. Raises BenchError.

        Its codec warms up first: about 20 s on two cores. After a session it takes five seconds.
        """
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            if (security := self._ask_by_sdp()) is None:
                continue
            if security == self._wanted:
                return
            raise BenchError(
                f"The foreign SECC answers SDP without TLS; its certificates do not load: {self._log_path}"
            )
        raise BenchError(f"The foreign SECC has not answered SDP within {within:g} s; see {self._log_path}")

    @property
    def _wanted(self) -> int:
        return _WITHOUT_TLS if self._pki is None else _WITH_TLS

    def _ask_by_sdp(self) -> int | None:
        """The security octet of the SDP answer; None after a quarter of a second of silence."""
        with self._near.inside():
            asking = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            scope = socket.if_nametoindex(self._near.interface)
        with asking:
            asking.settimeout(0.25)
            asking.sendto(_SDP_REQUEST + bytes([self._wanted, 0]), (_ALL_NODES, _SDP_PORT, 0, scope))
            try:
                answer = asking.recv(64)
            except TimeoutError:
                return None
        return answer[26] if len(answer) == 28 and answer.startswith(_SDP_RESPONSE) else None

    def _keep_alive(self) -> None:
        while not self._stopping.wait(0.5):  # also keeps a simulator that cannot start from spinning
            with self._changing:
                if self._stopping.is_set() or self._process is None:
                    return
                if self._process.poll() is None and not self._went_deaf():
                    continue
                end(self._process)  # its Java child ends by itself when the pipe to it closes
                self.restarts += 1
                self._process = self._start(_HASTY)

    def _went_deaf(self) -> bool:
        """Whether the log, since it was looked at last, tells of a session whose task ended in an exception."""
        with self._log_path.open("rb") as log:
            log.seek(self._read)
            news = log.read()
            self._read = log.tell()
        return any(line.startswith(b"ERROR") and _TASK_ENDED in line for line in news.splitlines())

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        workplace = self._log_path.parent
        return subprocess.Popen(
            [PYTHON, _WARM_SECC, *arguments],
            cwd=workplace,  # it reads a .env where it starts; there is none here
            env=self._settings(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            preexec_fn=self._join_far_end,
        )

    def _join_far_end(self) -> None:
        self._far.join()
        end_with_parent()

    def _settings(self) -> dict[str, str]:
        """All of its settings come from the environment; ours is not passed on."""
        tls = self._pki is not None
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONUNBUFFERED": "1",
            "JAVA_TOOL_OPTIONS": _JAVA,
            "NETWORK_INTERFACE": self._far.interface,
            "PROTOCOLS": "ISO_15118_20_DC",
            "AUTH_MODES": "EIM",
            "ALLOW_CERT_INSTALL_SERVICE": "false",
            "SECC_ENFORCE_TLS": str(tls).lower(),
            "ENABLE_TLS_1_3": str(tls).lower(),
            "PKI_PATH": f"{self._pki or '/nonexistent'}/",
            "LOG_LEVEL": "INFO",
            "MESSAGE_LOG_JSON": "true",
        }
