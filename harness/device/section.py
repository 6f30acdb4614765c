"""What all sections of a description share: strictness, and items that carry their meaning with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A mapping of a description: no unknown key, no silent conversion, no change after reading."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def item(default: Any, meaning: str, source: str = "") -> Any:
    """An item of a section with its default; `source` says where the figure or the term comes from."""
    return Field(default, description=meaning, json_schema_extra={"source": source} if source else None)


def required(meaning: str, source: str = "") -> Any:
    """An item that must be there."""
    return Field(..., description=meaning, json_schema_extra={"source": source} if source else None)


def wrong(message: str, remedy: str = "") -> PydanticCustomError:
    """What a validator raises; the reader of the description adds file, line and path."""
    return PydanticCustomError("item", "{message}", {"message": message, "remedy": remedy})


def _as_tuple(written: Any) -> Any:
    return tuple(written) if isinstance(written, list) else written


def _one_or_more(written: Any) -> Any:
    return _as_tuple(written) if isinstance(written, (list, tuple)) else (written,)


def _file(written: Any, info: ValidationInfo) -> Any:
    if not isinstance(written, str) or not written:
        raise wrong("is not a file name", "write a path, relative to this file")
    path = Path((info.context or {}).get("folder", Path())) / Path(written).expanduser()
    if not path.is_file():
        what = "is a directory" if path.is_dir() else "does not exist"
        raise wrong(f"{path} {what}", "check the path; it is relative to the folder of this file")
    return path


def _host_and_port(written: str) -> str:
    split_endpoint(written)
    return written


def split_endpoint(written: str) -> tuple[str, int]:
    """``127.0.0.1:9000`` or ``[::1]:9000`` as (host, port)."""
    host, colon, port = written.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise wrong(f"{written!r} is not host:port", "write for example 127.0.0.1:9000 or [::1]:9000")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise wrong(f"{written!r} has an IPv6 address without brackets", f"write [{host}]:{port}")
    return host.strip("[]"), int(port)


def _url(*schemes: str) -> AfterValidator:
    def check(written: str) -> str:
        scheme, separator, rest = written.partition("://")
        if not separator or scheme not in schemes or not rest.split("/")[0] or any(map(str.isspace, written)):
            raise wrong(f"{written!r} is not an address", f"write for example {schemes[0]}://host:port/path")
        return written

    return AfterValidator(check)


Many = BeforeValidator(_as_tuple)
"""For tuples, which YAML writes as lists."""
OneOrMore = BeforeValidator(_one_or_more)
"""For tuples that may also be written as a single value."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Port = Annotated[int, Field(ge=1, le=65535)]
ExistingFile = Annotated[Path, BeforeValidator(_file)]
"""A file that is there, relative to the description's folder; made absolute."""
Endpoint = Annotated[Text, AfterValidator(_host_and_port)]
HttpUrl = Annotated[Text, _url("http", "https")]
WebSocketUrl = Annotated[Text, _url("wss", "ws")]
