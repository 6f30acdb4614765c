"""The central system as a process: stations on /ocpp/<identity>, and a door for the bench on loopback.

python -m interop.csms --port 9100 --password ... --control 9101
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import http
import logging
import sys
from typing import Any

import websockets
from websockets.asyncio.server import Server, ServerConnection
from websockets.http11 import Request, Response

from harness.actor.control import ControlServer
from interop.csms.talk import TALKS

_PATIENCE = 10.0
_OFF = 1.0
_log = logging.getLogger("csms")


class CentralSystem:
    """Serves stations by HTTP Basic (security profile 1); the bench makes it send requests."""

    def __init__(self, port: int, identity: str, password: str) -> None:
        self._port, self._identity, self._password = port, identity, password
        self._server: Server | None = None
        self._talk: Any = None
        self._asking: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        protocols = [websockets.Subprotocol(name) for name in TALKS]
        self._server = await websockets.serve(
            self._serve, "127.0.0.1", self._port, subprotocols=protocols, process_request=self._admit, close_timeout=1.0
        )

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        path, _, identity = request.path.rpartition("/")
        if path != "/ocpp" or identity != self._identity:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "no station here\n")
        expected = base64.b64encode(f"{identity}:{self._password}".encode()).decode()
        if request.headers.get("Authorization") == f"Basic {expected}":
            return None
        refused = connection.respond(http.HTTPStatus.UNAUTHORIZED, "wrong password\n")
        refused.headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
        return refused

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        identity = socket.request.path.rpartition("/")[2]
        talk = self._talk = TALKS[str(socket.subprotocol)](identity, socket, response_timeout=_PATIENCE)
        with contextlib.suppress(websockets.ConnectionClosed):
            await talk.start()

    # --- for the bench ---

    async def send_request(self, message: str, payload: dict[str, Any]) -> None:
        """Send it to the station that connected last, and do not wait for the answer."""
        if self._talk is None:
            raise ValueError("no station has connected")
        try:
            request = self._talk.request(message, payload)
        except (AttributeError, TypeError) as unknown:
            raise ValueError(f"the library cannot make this request: {unknown}") from unknown
        task = asyncio.get_running_loop().create_task(self._ask(request))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, request: Any) -> None:
        try:
            _log.info("answered: %r", await self._talk.call(request, suppress=False))
        except Exception as failed:
            _log.warning("%s: %r", type(request).__name__, failed)

    async def power_cycle(self) -> None:
        """Off, and on again."""
        assert self._server is not None
        for connection in list(self._server.connections):
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.sleep(_OFF)
        await self.start()


async def serve(chosen: argparse.Namespace) -> None:
    system = CentralSystem(chosen.port, chosen.identity, chosen.password)
    await system.start()
    door = ControlServer({"send_request": system.send_request, "power_cycle": system.power_cycle}, {})
    await door.start(chosen.control)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m interop.csms", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--identity", default="CS1", help="the station that it knows")
    parser.add_argument("--password", default="interop-station-1")
    parser.add_argument("--control", type=int, required=True, help="port for the bench")
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
