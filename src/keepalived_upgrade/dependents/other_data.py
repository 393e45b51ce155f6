"""JSON, TOML, INI and files of settings: nothing is rewritten, and each mention is said with the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.other_mentions import (
    Mention,
    find_mentions,
    joined,
    one_a_line,
    quotable,
    say,
    show,
    with_new_names,
)
from keepalived_upgrade.dependents.other_promql import rewrite_matchers
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.findings import Finding, Severity

_JSON = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\],:]', re.DOTALL)
_HEADER = re.compile(rb"^[ \t]*+\[{1,2}+[ \t]*+([^\]\n]*+)\]{1,2}")
_SETTING = re.compile(rb"^[ \t]*(?:export[ \t]+)?([\w.\"'/@-]+(?:[ \t]*\[[^\]\n]*\])?)[ \t]*[=:]")
_COMMENT = re.compile(rb"^[ \t]*[#;]")
_TRAILING = re.compile(rb"^(?:[^#\"']|\"(?:[^\"\\]|\\.)*+\"|'[^']*+')*+#")
_MEMBER = re.compile(rb"(?<=[\[, \t])(\"[^\"\n]*\"|'[^'\n]*')(?=[ \t]*(?:[,\]]|\r?$))")
_MOST_A_LINE = 8
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Word:
    """A quoted word of JSON at bytes start to end, with the way to it; is_key: it is the name of a member."""

    start: int
    end: int
    where: str
    is_key: bool


def follow_data(path: str, source: bytes, names: Names, language: str) -> FollowResult:
    """Report every mention, one finding a line. language: json, toml, ini or environment. Raises nothing."""
    found = _json(path, source, names) if language == "json" else _settings(path, source, names, language)
    return FollowResult((), one_a_line(found))


def _json(path: str, source: bytes, names: Names) -> Iterator[Finding]:
    words = _json_words(source)
    word = next(words, None)
    for mention in find_mentions(source, names):
        while word is not None and word.end <= mention.start:
            word = next(words, None)
        both = joined(mention.new, "and")
        if word is None or word.start > mention.start:
            what, cure = "outside every quoted word", "Change it by hand if it names the instance."
            yield say(path, mention, "json/mention", Severity.REVIEW, what, cure)
            continue
        said = source[word.start + 1 : word.end - 1]
        matchers = rewrite_matchers(said.replace(b'\\"', b'"'), names) if b"iname" in said else None
        if word.is_key:
            what, cure = f"a key ({word.where})", f"Give each of {both} a member of its own."
            yield say(path, mention, "json/key", Severity.REVIEW, what, cure)
        elif said == mention.old:
            what, cure = f"a value ({word.where})", f"One value would become several: {both}."
            yield say(path, mention, "json/value", Severity.REVIEW, what, cure)
        elif matchers is not None and (wanted := matchers.wanted or _wanted(mention.new)):
            shown = show(b" and ".join(text.replace(b'"', b'\\"') for text in wanted))
            what, cure = f"matched in an expression ({word.where})", f"Write `{shown}`."
            yield say(path, mention, "json/expression", Severity.REVIEW, what, cure)
        else:
            what, cure = f"part of a value ({word.where})", "Change it by hand if it names the instance."
            yield say(path, mention, "json/text", Severity.REVIEW, what, cure)


def _wanted(new: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (b'iname=~"' + b"|".join(new) + b'"',)


def _json_words(source: bytes) -> Iterator[Word]:
    """Walk over JSON without trusting it: what does not fit is walked past."""
    way: list[str | int] = []
    key: bytes = b""
    tokens = list(_JSON.finditer(source))
    for index, token in enumerate(tokens):
        text = token.group()
        if text in (b"{", b"["):
            way.append(0 if text == b"[" else "")
        elif text in (b"}", b"]"):
            del way[-1:]
        elif text == b"," and way and isinstance(way[-1], int):
            way[-1] += 1
        elif text.startswith(b'"'):
            following = tokens[index + 1].group() if index + 1 < len(tokens) else b""
            is_key = following == b":" and bool(way) and isinstance(way[-1], str)
            if is_key:
                key = text[1:-1]
                way[-1] = show(key)
            last = way[-_MOST_SHOWN:]
            where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in last).removeprefix(".")
            yield Word(token.start(), token.end(), where or "the document", is_key)


def _settings(path: str, source: bytes, names: Names, language: str) -> Iterator[Finding]:
    section, key, counted, said = "", "", 0, 0
    lines = source.split(b"\n")
    for mention in find_mentions(source, names):
        while counted < mention.line:
            section, key = _header(lines[counted], section, key)
            counted, said = counted + 1, 0
        said += 1
        if said > _MOST_A_LINE:
            continue
        line = lines[mention.line - 1]
        before, both = line[: mention.column - 1], joined(mention.new, "and")
        where = f"{section}.{key}".strip(".") or f"line {mention.line}"
        if _COMMENT.match(line) or _TRAILING.match(before):
            yield say(
                path, mention, f"{language}/comment", Severity.INFO, "said in a comment", "Reword it if it helps."
            )
        elif _HEADER.match(line) and language != "environment":
            what, cure = "in the head of a section", f"Give each of {both} a section of its own."
            yield say(path, mention, f"{language}/section", Severity.REVIEW, what, cure)
        elif _SETTING.match(line) and not re.search(rb"[=:]", before):
            what, cure = f"a key ({where})", f"Give each of {both} a setting of its own."
            yield say(path, mention, f"{language}/key", Severity.REVIEW, what, cure)
        elif re.fullmatch(rb"\s*[\"']?" + re.escape(mention.old) + rb"[\"']?\s*(?:[#;].*)?", _value(line)):
            what, cure = f"the value of {where}", f"One value would become several: {both}. See what reads it."
            yield say(path, mention, f"{language}/value", Severity.REVIEW, what, cure)
        else:
            what, cure = f"part of the value of {where}", _spread(line, mention)
            yield say(path, mention, f"{language}/text", Severity.REVIEW, what, cure)


def _spread(line: bytes, mention: Mention) -> str:
    """The cure for a member of a list: `["/x GW"]`."""
    for member in _MEMBER.finditer(line):
        if member.start() < mention.column <= member.end() and quotable(line):
            return f"Write `{show(b', '.join(with_new_names(member.group(1), mention)))}` in its place."
    return "Change it by hand if it names the instance."


def _value(line: bytes) -> bytes:
    setting = _SETTING.match(line)
    return line[setting.end() :] if setting else line


def _header(line: bytes, section: str, key: str) -> tuple[str, str]:
    """Give the section and the key that hold after a line: a value may go on over several."""
    header = _HEADER.match(line)
    if header and b"=" not in line:
        return show(header.group(1).rstrip(b" \t")), ""
    setting = None if _COMMENT.match(line) else _SETTING.match(line)
    return section, show(setting.group(1).strip(b"\"'")) if setting else key
