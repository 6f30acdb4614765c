"""The site controls over HTTP, on a real loopback socket."""

from __future__ import annotations

import asyncio
import json

import pytest

from harness.actor.control import ControlServer


def told(*requests: bytes) -> list[tuple[int, dict]]:
    """Send raw requests to a server with one action and one reading; statuses and answers."""
    done = []

    async def slow(watts: float) -> None:
        await asyncio.sleep(0)
        done.append(watts)

    async def talk():
        server = ControlServer({"setpoint": slow}, {"meter": lambda: {"seen": list(done)}})
        await server.start(0)
        answers = []
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(request)
            text = await reader.read()
            writer.close()
            head, _, body = text.partition(b"\r\n\r\n")
            answers.append((int(head.split()[1]), json.loads(body)))
        await server.stop()
        return answers

    return asyncio.run(talk())


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def test_an_action_is_done_and_a_reading_read():
    answers = told(post("/setpoint", b'{"watts": -5}'), b"GET /meter HTTP/1.1\r\n\r\n")

    assert answers == [(200, {"done": "setpoint"}), (200, {"seen": [-5]})]


@pytest.mark.parametrize(
    ("request_octets", "status"),
    [
        (post("/setpoint", b"{"), 400),
        (post("/setpoint", b'{"volts": 1}'), 400),
        (post("/nothing", b"{}"), 404),
        (post("/meter", b"{}"), 405),
        (b"POST /setpoint HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n", 400),
    ],
)
def test_what_is_wrong_is_said(request_octets, status):
    ((got, answer),) = told(request_octets)

    assert got == status and answer["error"]
