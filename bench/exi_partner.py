"""Measures the EXI codec of the PyPI package `iso15118`; runs in that package's own environment, started by exi_bench.py.

python exi_partner.py HEX ROUNDS SECONDS      prints {"encode": messages/s, "decode": messages/s}
"""

import json
import logging
import statistics
import sys
import time

from iso15118.shared.exi_codec import EXI
from iso15118.shared.exificient_exi_codec import ExificientEXICodec
from iso15118.shared.messages.enums import Namespace
from iso15118.shared.settings import load_shared_settings

WARM_UP = 300  # calls until the Java machine has compiled its hot paths


def rate(work, seconds):
    """Calls a second of elapsed time."""
    calls, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        work()
        calls += 1
    return calls / spent


def main():
    """Measure both directions through the same interface that the package itself uses."""
    octets, rounds, seconds = bytes.fromhex(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    logging.disable(logging.CRITICAL)
    load_shared_settings()
    codec = EXI()
    codec.set_exi_codec(ExificientEXICodec())
    message = codec.from_exi(octets, Namespace.ISO_V20_DC)
    if codec.to_exi(message, Namespace.ISO_V20_DC) != octets:
        raise SystemExit("the partner's codec does not give the golden octets")
    work = {
        "encode": lambda: codec.to_exi(message, Namespace.ISO_V20_DC),
        "decode": lambda: codec.from_exi(octets, Namespace.ISO_V20_DC),
    }
    for job in work.values():
        for _ in range(WARM_UP):
            job()
    print(
        json.dumps({name: statistics.median(rate(job, seconds) for _ in range(rounds)) for name, job in work.items()})
    )


if __name__ == "__main__":
    main()
