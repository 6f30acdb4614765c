"""Devices that no EV should ever meet: what each does with a connection, over whatever network it stands on.

listener = await network.listen(0, GARBAGE)
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from harness.actor.v2g_codec import V2gCodec
from harness.link.transport import Transport
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.app_protocol import responseCodeType as Negotiated
from harness.messages.app_protocol import supportedAppProtocolRes
from harness.messages.common_types import MessageHeaderType, RationalNumberType, responseCodeType
from harness.v2g.filler import minimal
from harness.v2g.sequence import is_request, response_to
from harness.v2g.v2gtp import MAIN_STREAM, PayloadType, frame, header

Device = Callable[[Transport], Awaitable[None]]
NOISE = random.Random(15118).randbytes(4096)
HUGE = 100 * 2**20
LOOP_LIMITS = {
    name: RationalNumberType(Exponent=0, Value=0)
    for name in (
        "EVSEMaximumChargePower",
        "EVSEMinimumChargePower",
        "EVSEMaximumChargeCurrent",
        "EVSEMaximumVoltage",
    )
}
RESPONSES = (
    cm.SessionSetupRes,
    cm.AuthorizationSetupRes,
    cm.AuthorizationRes,
    cm.ServiceDiscoveryRes,
    cm.ServiceDetailRes,
    cm.ServiceSelectionRes,
    cm.ScheduleExchangeRes,
    cm.PowerDeliveryRes,
    cm.SessionStopRes,
)


def fields_of_header() -> dict[str, Any]:
    return {"Header": MessageHeaderType(SessionID=bytes.fromhex("0102030405060708"), TimeStamp=1)}


def refusing(request: Any) -> Any:
    """The fitting response with FAILED."""
    kind = response_to(type(request))
    if kind is supportedAppProtocolRes:
        return supportedAppProtocolRes(ResponseCode=Negotiated.Failed_NoNegotiation)
    return minimal(kind, ResponseCode=responseCodeType.FAILED, **fields_of_header())


def negotiating(_request: Any) -> Any:
    """A protocol is found, and then nothing else."""
    return supportedAppProtocolRes(ResponseCode=Negotiated.OK_SuccessfulNegotiation, SchemaID=1)


def hollow(request: Any) -> Any:
    """The fitting response with OK and the least content that the schema allows."""
    kind = response_to(type(request))
    if kind is supportedAppProtocolRes:
        offered = max(request.AppProtocol, key=lambda each: -each.Priority)
        return supportedAppProtocolRes(ResponseCode=Negotiated.OK_SuccessfulNegotiation, SchemaID=offered.SchemaID)
    more = {"CLResControlMode": dc.Dynamic_DC_CLResControlMode(**LOOP_LIMITS)} if kind is dc.DC_ChargeLoopRes else {}
    return minimal(kind, ResponseCode=responseCodeType.OK, **fields_of_header(), **more)


def astray() -> Callable[[Any], Any]:
    """A valid response of any type but the fitting one."""
    dice = random.Random(20)
    return lambda _request: minimal(dice.choice(RESPONSES), ResponseCode=responseCodeType.OK, **fields_of_header())


def answering(decide: Callable[[Any], Any], *, pace: float = 0.0, piece: int = 0) -> Device:
    """Answers every request with what `decide` makes of it, `piece` octets at a time, `pace` s apart."""

    async def serve(transport: Transport) -> None:
        codec = V2gCodec()
        while octets := await heard(transport):
            for found in codec.feed(octets):
                if not is_request(found.message):
                    return
                answer = codec.encode(decide(found.message))
                for start in range(0, len(answer), piece or len(answer)):
                    await transport.write(answer[start : start + (piece or len(answer))])
                    await asyncio.sleep(pace)

    return quietly(serve)


def quietly(serve: Device) -> Device:
    """A device that ends when its peer has gone."""

    async def device(transport: Transport) -> None:
        try:
            await serve(transport)
        except ConnectionError:
            pass
        finally:
            await transport.close()

    return device


async def heard(transport: Transport) -> bytes:
    return await transport.read()


def saying(octets: bytes, *, forever: bool = False, unasked: bool = False) -> Device:
    """Says the same thing after each request, over and over (`forever`), or before any (`unasked`)."""

    async def serve(transport: Transport) -> None:
        if unasked:
            await transport.write(octets)
        while await heard(transport):
            await transport.write(octets)
            while forever:
                await transport.write(octets)

    return quietly(serve)


@quietly
async def closing(transport: Transport) -> None:
    """Takes the connection and leaves."""


@quietly
async def mute(transport: Transport) -> None:
    """Listens and never says a word."""
    while await heard(transport):
        pass


@quietly
async def echo(transport: Transport) -> None:
    """Says what it heard."""
    while octets := await heard(transport):
        await transport.write(octets)


@quietly
async def huge(transport: Transport) -> None:
    """One frame of 100 MB."""
    await heard(transport)
    await transport.write(header(MAIN_STREAM["CommonMessages"], HUGE))
    for _ in range(HUGE // 2**16):
        await transport.write(bytes(2**16))


READY = V2gCodec().encode(negotiating(None))
DEVICES: dict[str, Device] = {
    "garbage": saying(NOISE),
    "garbage exi": saying(frame(PayloadType.APP_PROTOCOL, NOISE[:200])),
    "garbage later": saying(READY + frame(PayloadType.COMMON_MESSAGES, NOISE[:200])),
    "closing": closing,
    "mute": mute,
    "echo": echo,
    "flood of garbage": saying(NOISE, forever=True),
    "flood of frames": saying(READY, forever=True),
    "flood of empty frames": saying(header(PayloadType.DC, 0) * 200, forever=True),
    "huge": huge,
    "slow": answering(hollow, pace=0.1, piece=1),
    "refusing": answering(refusing),
    "negotiating": answering(negotiating),
    "hollow": answering(hollow),
    "astray": answering(astray()),
    "unasked": saying(READY, unasked=True),
    "twice": saying(READY * 2),
}
