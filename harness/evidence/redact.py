"""Secrets do not belong in a report that is handed on: private keys, passwords, tokens are blotted out.

Octets on the wire are evidence and stay as they were; TLS session secrets stand in the capture alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

BLOTTED = "(redacted)"

_SECRET_NAME = r"[\w-]*(?:password|passphrase|passwd|secret|token|credentials?|api[_-]?key|private[_-]?key)"
_SECRET_KEY = re.compile(rf"^{_SECRET_NAME}$", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_ASSIGNED = re.compile(
    rf"(?i)(?<![\w-])(--)?({_SECRET_NAME})([ \t]*[:=][ \t]*|(?(1)[ \t]+|(?!)))(\"[^\"]*\"|'[^']*'|[^\s,&}}\]]+)"
)
_HTTP = re.compile(r"(?i)\b(basic|bearer) +[A-Za-z0-9+/=._~-]{8,}")
_LOGIN = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)")


def redact(value: Any) -> Any:
    """The same data without secrets: values under telling keys, and secrets inside texts."""
    if isinstance(value, Mapping):
        return {
            key: _blot(each) if isinstance(key, str) and _SECRET_KEY.match(key) else redact(each)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)(redact(each) for each in value)
    return redact_text(value) if isinstance(value, str) else value


def redact_prose(text: str) -> str:
    """A sentence without private keys, logins in URLs and HTTP credentials; names such as idToken keep their values."""
    text = _PRIVATE_KEY.sub(BLOTTED, text)
    text = _LOGIN.sub(BLOTTED, text)
    return _HTTP.sub(lambda found: f"{found[1]} {BLOTTED}", text)


def redact_text(text: str) -> str:
    """Settings or a command line without what `redact_prose` blots out and what is assigned to a telling name."""
    text = redact_prose(text)
    return _ASSIGNED.sub(lambda found: found[0] if BLOTTED in found[4] else found[0][: -len(found[4])] + BLOTTED, text)


def redact_yaml(text: str) -> str:
    """A YAML text without secrets; everything else, comments too, stays as it is written."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return redact_text(text)
    spans = sorted(_secret_spans(root, secret=False, seen=set()), reverse=True)
    for start, end in spans:
        after = "\n" if text[start:end].endswith("\n") else ""  # a block scalar ends with its last line
        text = text[:start] + BLOTTED + after + text[end:]
    return redact_text(text)


def _secret_spans(node: yaml.Node | None, *, secret: bool, seen: set[int]) -> list[tuple[int, int]]:
    """From where to where the values of telling keys stand, as offsets in the text."""
    if node is None or id(node) in seen:
        return []
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return [(node.start_mark.index, node.end_mark.index)] if secret and node.value else []
    if isinstance(node, yaml.SequenceNode):
        return [span for each in node.value for span in _secret_spans(each, secret=secret, seen=seen)]
    spans = []
    for key, value in node.value:
        telling = isinstance(key, yaml.ScalarNode) and bool(_SECRET_KEY.match(key.value))
        spans += _secret_spans(value, secret=secret or telling, seen=seen)
    return spans


def _blot(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _blot(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_blot(each) for each in value)
    return value if value is None or value == "" else BLOTTED
