"""Regular expressions of Python in which a name stands between characters that set it apart: `INSTANCE (GW|LAN) up`."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Outside of these the name may be the part of a longer one, and what the expression accepts cannot be told.
_PLACE = re.compile(
    rb"(?P<before>\^|(?<!\?)[ :,/=])(?P<open>\((?:\?:|\?P<\w+>)?)?"
    rb"(?P<list>[\w-]+(?(open)(?:\|[\w-]+)*))(?(open)(?P<close>\)))"
    rb"(?=\$|[ :,/=](?![*?+{]))"
)
_CLASS = re.compile(rb"\[[\w-]+\]")
# Classes that hold more than that, escapes, comments, counts, and groups that look around or set flags.
_TOO_RICH = re.compile(rb"[\[\]\\#{}]|\(\?(?!:|P<)")
_PLAIN_NAME = re.compile(rb"[\w-]+")


def spread_pattern(text: bytes, names: Mapping[bytes, tuple[bytes, ...]]) -> bytes | None:
    """Give the expression with each old name as an alternative of its new ones; None where a name is left over.

    No group is added that captures, so that the groups keep their numbers.
    """
    plain = all(_PLAIN_NAME.fullmatch(name) for new in names.values() for name in new)
    if not plain or _TOO_RICH.search(_CLASS.sub(b"", text)):
        return None
    try:
        re.compile(text)
    except re.error:
        return None
    done, end = b"", 0
    for place in _PLACE.finditer(text):
        done += text[end : place.start()] + _spread(place, names)
        end = place.end()
    left = b"".join(_PLACE.split(text)[:: _PLACE.groups + 1])
    return None if any(name in left for name in names) or _is_anchored_inside(text) else done + text[end:]


def _spread(place: re.Match[bytes], names: Mapping[bytes, tuple[bytes, ...]]) -> bytes:
    listed = place["list"].split(b"|")
    accepted = list(dict.fromkeys(new for name in listed for new in names.get(name, (name,))))
    if accepted == listed:
        return place.group()
    joined = b"|".join(accepted)
    opened, closed = (place["open"], b")") if place["open"] else (b"(?:", b")") if len(accepted) > 1 else (b"", b"")
    return place["before"] + opened + joined + closed


def _is_anchored_inside(text: bytes) -> bool:
    """Tell whether the expression is more than one, or has an anchor elsewhere than at its ends."""
    depth = 0
    for byte in text:
        depth += (byte == ord("(")) - (byte == ord(")"))
        if byte == ord("|") and depth == 0:
            return True
    return b"^" in text[1:] or b"$" in text[:-1]
