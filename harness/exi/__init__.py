"""EXI 1.0 for ISO 15118-20: octets from declared messages and back. Knows the declaration language, but no message."""

from harness.exi.codec import Codec, StreamKind, codec_for
from harness.exi.text import from_xml, to_xml

__all__ = ["Codec", "StreamKind", "codec_for", "from_xml", "to_xml"]
