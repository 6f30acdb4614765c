"""A small station for tests of the CSMS: it sends what a test says, and answers requests by a table, `Accepted` by default."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from harness.actor.ocpp_codec import OcppCodec
from harness.link.link import Link
from harness.link.observation import Closed, Observation
from harness.link.trace import Timeline
from harness.link.transport import Address, Network
from harness.link.upgrade import ClientSettings, websocket_connect
from harness.link.websocket import WebSocketTransport
from harness.ocpp.security import Credentials, basic_header, station_url
from harness.ocppj.frame import Call, CallError, CallResult, CallResultError, Frame, Send
from harness.ocppj.versions import SUBPROTOCOLS, Version

Answers = Mapping[str, Any]
"""Action to the payload it is answered with, to a function of the request, to a CallError code, or to None: never."""


class ScriptedStation:
    """One station; `requests` are the CSMS's calls so far, `complaints` its CALLRESULTERRORs."""

    def __init__(self, network: Network, address: Address, identity: str = "CS1", version: Version = "2.1") -> None:
        self.network, self.address, self.identity, self.version = network, address, identity, version
        self.answers: dict[str, Any] = {}
        self.requests: list[Call] = []
        self.complaints: list[CallResultError] = []
        self.ended: Observation | None = None
        self.password = ""
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._asked = asyncio.Event()

    async def connect(self) -> None:
        transport = await self.network.connect(self.address)
        headers = ()
        if self.password:
            headers = (("Authorization", basic_header(Credentials(self.identity, self.password.encode()))),)
        url = station_url("ws://csms/ocpp", self.identity)
        settings = ClientSettings(url, (SUBPROTOCOLS[self.version],), headers)
        self.socket: WebSocketTransport = await websocket_connect(transport, settings)
        timeline = Timeline(_clock())
        self.link = Link("ocpp", self.socket, OcppCodec(self.version), timeline, role="station", peer_role="csms")
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.link.close()

    async def call(self, action: str, payload: Mapping[str, Any] | None = None, message_id: str = "") -> Frame:
        """Send a request and return the frame that answers it."""
        number = message_id or f"m{next(self._ids)}"
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.link.send(Call(number, action, payload or {}))
        return await self._waiting[number]

    async def ask(self, action: str, payload: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The payload with which the CSMS answers; fails on anything else."""
        answer = await self.call(action, payload)
        assert isinstance(answer, CallResult), answer
        return answer.payload

    async def tell(self, action: str, payload: Mapping[str, Any]) -> None:
        await self.link.send(Send(f"s{next(self._ids)}", action, payload))

    async def requested(self, action: str) -> Call:
        """The first request of that action by the CSMS, now or later."""
        while not (found := [each for each in self.requests if each.action == action]):
            self._asked.clear()
            await self._asked.wait()
        return found[0]

    async def boot(self, **more: Any) -> Mapping[str, Any]:
        if self.version == "1.6":
            return await self.ask("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M", **more})
        described = {"vendorName": "V", "model": "M", **more}
        return await self.ask("BootNotification", {"reason": "PowerUp", "chargingStation": described})

    async def start(self, transaction: str = "t1", evse: int = 1, **more: Any) -> Mapping[str, Any]:
        return await self.event("Started", "Authorized", 0, transaction, evse=evse, **more)

    async def event(
        self, kind: str, reason: str, seq: int, transaction: str = "t1", *, evse: int = 0, at: str = "", **more: Any
    ) -> Mapping[str, Any]:
        info = {"transactionId": transaction, **more.pop("info", {})}
        payload = {"eventType": kind, "triggerReason": reason, "seqNo": seq, "timestamp": at or _stamp(seq)}
        place = {"evse": {"id": evse, "connectorId": 1}} if evse else {}
        return await self.ask("TransactionEvent", {**payload, "transactionInfo": info, **place, **more})

    async def _listen(self) -> None:
        while True:
            seen = await self.link.receive(None)
            message = seen.message
            if isinstance(message, Closed):
                self.ended = seen
                return
            if isinstance(message, Call):
                self.requests.append(message)
                self._asked.set()
                await self._answer(message)
            elif isinstance(message, (CallResult, CallError)) and message.message_id in self._waiting:
                future = self._waiting[message.message_id]
                if not future.done():
                    future.set_result(message)
            elif isinstance(message, CallResultError):
                self.complaints.append(message)

    async def _answer(self, call: Call) -> None:
        answer = self.answers.get(call.action, {"status": "Accepted"})
        if isinstance(answer, Callable):  # type: ignore[arg-type]
            answer = answer(call.payload)
        if isinstance(answer, str):
            await self.link.send(CallError(call.message_id, answer))
        elif answer is not None:
            await self.link.send(CallResult(call.message_id, answer))


def _stamp(seq: int) -> str:
    return f"2026-03-01T12:{seq // 60:02d}:{seq % 60:02d}Z"


def _clock() -> Any:
    from harness.link.clock import Clock

    return Clock()
