"""The station as a process: OCPP to a CSMS, and a door for the bench on loopback.

python -m interop.station --version 2.1 --url ws://127.0.0.1:9100/ocpp --identity CS1 --password ... --control 9101
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import logging
import sys
from typing import Any

import websockets
from ocpp.v16 import call as calls16
from ocpp.v21 import call as calls21
from ocpp.v201 import call as calls201
from websockets.asyncio.client import ClientConnection

from harness.actor.control import ControlServer
from interop.station.body import Body, Waiting
from interop.station.talk_2x import Duties, Talk21, Talk201
from interop.station.talk_16 import Duties16, Talk16
from interop.station.variables import device_model

_PATIENCE = 5.0
_PAUSE = 0.5
_log = logging.getLogger("station")


class Station:
    """Connects, boots, and comes back; the bench works it meanwhile."""

    def __init__(self, version: str, url: str, identity: str, password: str) -> None:
        self.version, self.url, self.identity = version, f"{url}/{identity}", identity
        self.body = Body()
        if version == "1.6":
            self.duties: Any = Duties16(self.body, calls16, password)
        else:
            calls = calls21 if version == "2.1" else calls201
            self.duties = Duties(self.body, device_model(version, identity, password), calls, version)
        self._socket: ClientConnection | None = None
        self._hard_off = 0.0
        self._left_at = float("-inf")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.body.live(self.duties.watch))
            tasks.create_task(self._stay_connected())

    async def _stay_connected(self) -> None:
        while True:
            await asyncio.sleep(self._hard_off or _PAUSE)
            self._hard_off = 0.0
            credentials = base64.b64encode(f"{self.identity}:{self.duties.password}".encode()).decode()
            try:
                async with websockets.connect(
                    self.url,
                    subprotocols=[websockets.Subprotocol(f"ocpp{self.version}")],
                    additional_headers={"Authorization": f"Basic {credentials}"},
                    open_timeout=_PATIENCE,
                    close_timeout=1.0,
                ) as socket:
                    await self._converse(socket)
            except (OSError, TimeoutError, websockets.WebSocketException) as gone:
                _log.info("connection: %r", gone)

    async def _converse(self, socket: ClientConnection) -> None:
        kinds = {"1.6": Talk16, "2.0.1": Talk201, "2.1": Talk21}
        talk: Any = kinds[self.version](self.identity, socket, response_timeout=self.duties.patience)
        talk.duties, talk.drop = self.duties, self.cut
        self._socket, self.body.connected = socket, True
        self.body.rejected = False
        if self.body.accepted:
            self.duties.back(asyncio.get_running_loop().time() - self._left_at)
        running = [asyncio.create_task(each) for each in (talk.start(), self._deliver(talk), self._beat())]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.body.connected, self._socket = False, None
            self._left_at = asyncio.get_running_loop().time()
            for each in running:
                each.cancel()
            for ended in await asyncio.gather(*running, return_exceptions=True):
                if isinstance(ended, Exception):
                    _log.info("ended by %r", ended)
            kept = [each for each in self.body.queue if each.kept]
            self.body.queue.clear()
            self.body.queue.extend(kept)

    async def _deliver(self, talk: Any) -> None:
        """Boot first, where that is due; then one request after the other."""
        while not self.body.accepted:
            answer = await talk.call(self.duties.boot(), suppress=False)
            wait = self.duties.booted(answer)
            self.body.accepted, self.body.rejected = not wait, answer.status == "Rejected"
            self.body.reason = self.body.reason if wait else None
            await self._deliver_meanwhile(talk, wait)
            if not wait:
                await talk.call(self.duties.status(), suppress=False)
        while True:
            await self._deliver_waiting(talk)
            self.body.changed.clear()
            await self.body.changed.wait()

    async def _deliver_meanwhile(self, talk: Any, seconds: float) -> None:
        """What is triggered while the CSMS has not accepted the station."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while seconds:
                    self.body.changed.clear()
                    await self.body.changed.wait()
                    await self._deliver_waiting(talk, only_now=True)

    async def _deliver_waiting(self, talk: Any, *, only_now: bool = False) -> None:
        while waiting := next((each for each in self.body.queue if not (only_now and each.kept)), None):
            answer = await self._tried(talk, waiting)
            with contextlib.suppress(ValueError):
                self.body.queue.remove(waiting)
            waiting.then(answer)

    async def _tried(self, talk: Any, waiting: Waiting) -> Any:
        """The answer; None for a refusal, and for a payload that the library does not let pass."""
        attempts, interval = self.duties.attempts if waiting.kept else (1, 0.0)
        for attempt in range(1, attempts + 1):
            try:
                return await talk.call(waiting.payload, suppress=False)
            except websockets.ConnectionClosed:
                raise
            except Exception as refused:
                _log.warning("%s: %r", type(waiting.payload).__name__, refused)
            if attempt < attempts:
                await asyncio.sleep(interval * attempt)
        return None

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.duties.heartbeat or 3600)
            if self.body.accepted:
                self.body.say(self.duties.beat())

    def cut(self, pause: float = _PAUSE) -> None:
        """Tear the connection down."""
        self._hard_off = pause
        if self._socket is not None:
            self._socket.transport.abort()

    # --- for the bench ---

    async def plug(self, ev: str = "any", evse: int = 1) -> None:
        _check_place(evse)
        self.duties.plug(ev)

    async def unplug(self, evse: int = 1) -> None:
        _check_place(evse)
        self.duties.unplug()

    async def present(self, token: str, type: str = "ISO14443", evse: int = 1) -> None:
        _check_place(evse)
        self.duties.present(token, type)

    async def power_cycle(self) -> None:
        """Off for a second. The meter and the queue of transaction messages survive."""
        self.duties.lose_power()
        self.cut(pause=1.0)

    def meter(self) -> dict[str, float]:
        return self.body.outlet.sample()


def _check_place(evse: int) -> None:
    if evse != 1:
        raise ValueError(f"there is no EVSE {evse} here, only 1")


async def serve(chosen: argparse.Namespace) -> None:
    station = Station(chosen.version, chosen.url, chosen.identity, chosen.password)
    actions = {each.__name__: each for each in (station.plug, station.unplug, station.present, station.power_cycle)}
    door = ControlServer(actions, {"meter": station.meter})
    await door.start(chosen.control)
    await station.run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m interop.station", description=__doc__.partition("\n")[0])
    parser.add_argument("--version", choices=("1.6", "2.0.1", "2.1"), default="2.1")
    parser.add_argument("--url", required=True)
    parser.add_argument("--identity", default="CS1")
    parser.add_argument("--password", default="interop-station-1")
    parser.add_argument("--control", type=int, required=True, help="port for the bench")
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
