"""What is a secret: passwords, keys, SNMP communities, passwords within URLs, and definitions that hold one of these.

Found by the words in front of them, in configurations, scripts and the files of other programs alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import AnyStr

_WORD = r"""(?:"(?P<quoted>[^"\n]*)"|(?P<plain>[^\s"][^\s]*|"[^\s]*))"""
# A variable of a script is not the password itself, and what is called so must be seen in a review.
_GIVEN = r"""(?:"(?P<quoted>[^"$`\n][^"\n]*)"|'(?P<single>[^'\n]+)'|(?P<plain>[^\s"'$`;&|)(,]+))"""
_CALLED = r"(?:pass|passw(?:or)?d|passwd|passphrase|psk|pw|secret|token|api[_-]?key|community|mysql_pwd)"
# What may stand in between is bounded, so that a line of any length takes time in proportion to it.
_KINDS = (
    # Our own sentences say `a key of an array`; nobody's key is `of`.
    rf"\b(?:auth_pass|auth_pass_hex|password|passwd|secret|key(?!\s+(?:of\b|that\b|\()))\s+{_WORD}",
    rf"(?i:(?<![a-z0-9])(?:[a-z0-9_-]{{0,60}}[_-])?{_CALLED}|\bpgpassword)[\"']?[ \t]*[:=]=?[ \t]*{_GIVEN}",
    rf"(?i:--(?:[a-z-]{{0,40}}-)?(?:password|passphrase|secret|token|api-key|community))[= \t][ \t]*{_GIVEN}",
    r"://[^\s/:@\"']{0,100}:(?P<plain>[^\s/@\"'$]+)@",
    rf"(?i:\b(?:(?:ro|rw|trap|auth)community6?|snmp-server[ \t]+community))[ \t]+{_WORD}",
    rf"(?i:\bcreateuser)[ \t]+\S+[ \t]+\w+[ \t]+{_WORD}",
    rf"(?i:\bcom2sec6?)[ \t]+(?:-\w+[ \t]+\S+[ \t]+)?\S+[ \t]+\S+[ \t]+{_WORD}",
    rf"(?i:\b(?:trap2?|inform)sink)[ \t]+\S+[ \t]+{_WORD}",
    *(rf"\bsnmp\w+[ \t](?:[^\n]{{0,300}}?[ \t])?-{option}[ \t]*{_GIVEN}" for option in "cAX"),
    rf"\b(?:sshpass[ \t]+-p|redis-cli[ \t](?:[^\n]{{0,300}}?[ \t])?-a)[ \t]*{_GIVEN}",
    r"\bcurl[ \t](?:[^\n]{0,300}?[ \t])?(?:-[a-zA-Z]*u|--user)[ \t=]*[\"']?[^\s:\"'$]{1,100}:(?P<plain>[^\s\"'$]+)",
    r"(?i:\bauthorization:[ \t]*(?:basic|bearer))[ \t]+(?P<plain>[^\s\"'$]+)",
    # A line of a key or certificate in PEM; each line of a diff is looked at for itself.
    r"(?m:^[-+ \t]*(?P<plain>[A-Za-z0-9+/]{60,76}={0,2})[ \t\r]*$)",
)
# Most lines hold none of these, and are searched once.
_HINTS = r"(?i)[a-z0-9+/]{60}|pass|key|pw|secret|token|communit|com2sec|createuser|psk|sink|snmp|://|curl|redis-cli|authorization"
_TEXTS = tuple(map(re.compile, _KINDS))
_BYTES = tuple(re.compile(kind.encode()) for kind in _KINDS)
_HINT, _HINT_BYTES = re.compile(_HINTS), re.compile(_HINTS.encode())
_DEFINITION = re.compile(rb"^[ \t]*+\$(\w+)[ \t]*+=([^\r\n]*+)\r?$", re.MULTILINE)
_COMMENT = re.compile(rb"[ \t][#!]")
_USE = re.compile(rb"\$(?:\{[ \t]*)?(\w+)[^\s}]*\}?|[\"']")
# A shorter one also stands where it is no secret (a priority), so it is hidden where it is defined, and not elsewhere.
_SHORTEST = 4


def find_secrets(text: AnyStr, known: Collection[bytes] = ()) -> list[tuple[int, int]]:
    """Give where secrets stand, as spans in order that do not overlap. known: what defined_secrets gave."""
    spans = [_span(match) for kind in _kinds(text, tuple(known)) for match in kind.finditer(text)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def defined_secrets(texts: Iterable[bytes]) -> tuple[bytes, ...]:
    """Give the definitions that stand where a secret is asked for, as `$NAME`, and their values.

    texts: all files of a configuration; a definition and its use may stand in two of them.
    """
    texts = tuple(dict.fromkeys(texts))
    values: dict[bytes, list[bytes]] = {}
    for text in texts:
        for match in _DEFINITION.finditer(text):
            values.setdefault(match.group(1), []).append(_COMMENT.split(match.group(2), 1)[0].strip(b" \t"))
    if not values:
        return ()
    pending = [
        name.group(1)
        for text in texts
        for start, end in find_secrets(text)
        for name in _USE.finditer(text, start, end)
        if name.group(1) in values
    ]
    found: dict[bytes, None] = {}
    while pending:
        name = pending.pop()
        if b"$" + name in found:
            continue
        found[b"$" + name] = None
        for value in values[name]:
            pending += [use.group(1) for use in _USE.finditer(value) if use.group(1) in values]
            found |= dict.fromkeys(part for part in _USE.sub(b"\n", value).split(b"\n") if len(part) >= _SHORTEST)
    return tuple(sorted(found))


def _kinds(text: AnyStr, known: tuple[bytes, ...]) -> tuple[re.Pattern[AnyStr], ...]:
    if isinstance(text, bytes):
        return (*(_BYTES if _HINT_BYTES.search(text) else ()), *_known_bytes(known))  # type: ignore[arg-type]
    return (*(_TEXTS if _HINT.search(text) else ()), *_known_texts(known))  # type: ignore[arg-type]


def _span(match: re.Match[AnyStr]) -> tuple[int, int]:
    """Give where the secret itself stands, its quotes not included: they may be what changes."""
    return next(match.span(group) for group, said in match.groupdict().items() if said is not None)


@cache
def _known_texts(known: tuple[bytes, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(source.decode("utf-8", "backslashreplace")) for source in _sources(known))


@cache
def _known_bytes(known: tuple[bytes, ...]) -> tuple[re.Pattern[bytes], ...]:
    return tuple(map(re.compile, _sources(known)))


def _sources(known: tuple[bytes, ...]) -> Iterator[bytes]:
    names = [re.escape(one[1:]) for one in known if one.startswith(b"$")]
    values = [re.escape(one) for one in sorted(known, key=len, reverse=True) if not one.startswith(b"$")]
    if names:
        yield rb"\$(?:%s)[ \t]*=[ \t]*(?:\"(?P<quoted>[^\"\n]*)\"|(?P<plain>[^\n]*[^\s]))" % b"|".join(names)
    if values:
        yield rb"(?<!\w)(?P<plain>%s)(?!\w)" % b"|".join(values)
