"""The reference charger over TLS with mutual authentication, on real loopback sockets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.actor.secc import ReferenceSecc
from harness.actor.v2g_codec import V2gCodec
from harness.errors import DescriptionError
from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.link.clock import Clock
from harness.link.link import Link
from harness.link.sockets import SocketNetwork
from harness.link.tls import TlsProfile, tls_connect
from harness.link.trace import Timeline
from harness.pki.factory import make_pki
from harness.pki.recipe import read_recipe
from harness.resources import resource
from harness.v2g.secc_settings import SeccSettings
from harness.v2g.session import Session
from tests.actor.ev import Ev
from tests.v2g import dialogue as d


def test_a_session_pauses_and_is_resumed_by_the_same_vehicle_certificate_alone():
    async def told():
        pki = make_pki(read_recipe(resource("certs", "standard.yaml")), datetime.now(UTC))
        own, vehicle = pki.chains["secc"], pki.chains["vehicle"]
        network, battery = SocketNetwork(), Battery()
        tls = TlsProfile(own.chain_pem, own.key_pem, pki.roots_pem())
        settings = replace(SeccSettings(), sdp=False)
        secc = ReferenceSecc(settings, network, tls=tls, cable=DcCable(battery=battery))
        await secc.start()
        profile = TlsProfile(vehicle.chain_pem, vehicle.key_pem, pki.roots_pem())

        async def arrive(**more):
            transport = await tls_connect(await network.connect(secc.address), profile)
            clock = Clock()
            link = Link("v2g", transport, V2gCodec(), Timeline(clock), role="evcc", peer_role="secc")
            return Ev(link, clock, battery, secc.cable, **more)

        try:
            ev = await arrive()
            await ev.until_parameters()
            paused = await ev.ask(d.ending_exchange(d.Ending.Pause)[0])
            await ev.link.close()
            again = await arrive(session=Session(paused=ev.session), evccid="another name")
            await again.ask(d.sap())
            setup = replace(d.setup_exchange()[0], EVCCID="another name")
            joined = await again.ask(setup, session_id=ev.session.session_id)
            await again.link.close()
        finally:
            await secc.stop()
        assert paused.ResponseCode is d.Code.OK
        assert joined.ResponseCode is d.Code.OK_OldSessionJoined
        assert ev.violations == again.violations == []

    asyncio.run(told())


def test_tls_without_certificates_is_refused_before_anything_listens():
    with pytest.raises(DescriptionError, match="no certificates"):
        ReferenceSecc(SeccSettings(), SocketNetwork())
