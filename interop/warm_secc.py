"""Start the SECC simulator of `iso15118` with a codec that is already warm. Runs in the environment of that package.

    .interop/venv/bin/python interop/warm_secc.py [ROUNDS]

Its EXI codec is a Java program: the first call with a schema takes up to half a second, and some hundred pass before the
just-in-time compiler has done its work. A real charger is judged when it runs, not while it boots; so we let the codec
encode and decode each message of a DC session some times before the simulator answers its first SDP request. Everything
after that is the simulator's own `main`, settings from the environment included; nothing of the package is altered.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time

from iso15118.secc import SECCHandler
from iso15118.secc.controller.simulator import SimEVSEController
from iso15118.secc.secc_settings import Config
from iso15118.shared.exificient_exi_codec import ExificientEXICodec
from warm_messages import MESSAGES, as_json

ROUNDS = 8
logger = logging.getLogger("interop.warm_secc")


def warm(codec: ExificientEXICodec, rounds: int) -> None:
    """Both ways for every message: the simulator decodes requests and encodes responses, each by its own code path."""
    for number in range(rounds):
        began = time.perf_counter()
        for namespace, name, content in MESSAGES:
            codec.decode(codec.encode(as_json(name, content), namespace), namespace)
        each = (time.perf_counter() - began) / len(MESSAGES) * 1000
        logger.info("warm-up round %d of %d: %.1f ms for a message there and back", number + 1, rounds, each)


async def main(rounds: int) -> None:
    config = Config()
    config.load_envs()
    config.print_settings()
    codec = ExificientEXICodec()
    warm(codec, rounds)
    await SECCHandler(codec, SimEVSEController(), config).start(config.iface)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
