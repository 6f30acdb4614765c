"""The site controls of a reference device over HTTP on loopback: what a bench trigger of kind `http` calls.

    POST /setpoint {"watts": -5000}     POST /authorise     GET /meter

A body is JSON, an empty one counts as {}. Answers are JSON: 200, or 400, 404, 405 with {"error": ...}. One request for
each connection; nothing but loopback is ever listened on, for there is no authentication.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from harness.errors import BenchError

_LONGEST = 65_536
_PATIENCE = 5.0
Control = Callable[..., Any] | Callable[..., Awaitable[Any]]


class ControlServer:
    """`actions` are called by POST with the fields of the body as keywords, `readings` by GET."""

    def __init__(self, actions: Mapping[str, Control], readings: Mapping[str, Callable[[], Any]]) -> None:
        self._actions, self._readings = actions, readings
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1; raises `BenchError` when the port is taken."""
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        except OSError as error:
            raise BenchError(f"the control port {port} cannot be opened: {error.strerror}; choose another") from error

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None, "the control server is not started"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                status, answer = await self._answer(reader)
            text = json.dumps(answer).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode() + text)
            await writer.drain()
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            return  # whoever called has gone, or speaks no HTTP
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[str, Any]:
        method, _, rest = (await reader.readline()).decode("latin-1").partition(" ")
        name = rest.split(" ")[0].strip("/ \r\n")
        length = await _content_length(reader)
        if length > _LONGEST:
            return "400 Bad Request", {"error": f"a body of {length} octets is too long"}
        body = await reader.readexactly(length)
        if method == "GET" and name in self._readings:
            return "200 OK", _plain(self._readings[name]())
        if method == "POST" and name in self._actions:
            return await self._do(name, body)
        known = sorted({*self._actions, *self._readings})
        wrong = "405 Method Not Allowed" if name in known else "404 Not Found"
        return wrong, {"error": f"{method} /{name} is not known here; there are {', '.join(known)}"}

    async def _do(self, name: str, body: bytes) -> tuple[str, Any]:
        try:
            values = json.loads(body or b"{}")
            done = self._actions[name](**values)
            if inspect.isawaitable(done):
                await done
        except (json.JSONDecodeError, UnicodeDecodeError, TypeError, ValueError, KeyError) as wrong:
            expected = ", ".join(inspect.signature(self._actions[name]).parameters) or "nothing"
            return "400 Bad Request", {"error": f"{wrong}; /{name} takes a JSON object with {expected}"}
        return "200 OK", {"done": name}


async def _content_length(reader: asyncio.StreamReader) -> int:
    """Read the headers."""
    length = 0
    while line := (await reader.readline()).strip():
        key, _, value = line.decode("latin-1").partition(":")
        if key.strip().lower() == "content-length":
            length = max(0, int(value))
    return length


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
