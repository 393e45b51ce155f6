"""Include lines: which words make one, its alternatives in braces, and which misses keep keepalived from starting.

Source: check_include, open_and_check_glob and include_check_set in lib/parser.c (2474, 1670 and 3290 at v2.2.7), and
`keepalived -t` of 2.2.7: a miss that must not be ends the daemon, any other is a line in the log.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Flag, auto

from keepalived_upgrade.conf.dialect import Dialect
from keepalived_upgrade.findings import Finding, Place, Severity

_INCLUDE = re.compile(rb"(include[rmwba]?)[ \t]+(.*)", re.DOTALL)
_BRACES = re.compile(rb"\{([^{}]*)\}")
_WILDCARD = re.compile(rb"[*?\[]")
_MOST_ALTERNATIVES = 10_000
_KINDS = {
    "directory": "a directory",
    "executable": "executable",
    "other": "no regular file",
    "missing": "not there",
    "outside": "outside the root under review",
}


class Check(Flag):
    """What must not be missing. READ: a file that matches can be read. MATCH: a name without wildcard is there.

    WILDCARD: a pattern with wildcards matches something. BRACE: so does every alternative in braces.
    """

    READ = auto()
    MATCH = auto()
    WILDCARD = auto()
    BRACE = auto()


NO_CHECK = Check(0)
ALL_CHECKS = Check.READ | Check.MATCH | Check.WILDCARD | Check.BRACE
_OF_KEYWORD = {
    b"include": NO_CHECK,
    b"includer": Check.READ,
    b"includem": Check.READ | Check.MATCH,
    b"includew": Check.READ | Check.MATCH | Check.WILDCARD,
    b"includeb": Check.READ | Check.BRACE,
    b"includea": ALL_CHECKS,
}
_OF_WORD = {
    b"read": Check.READ,
    b"match": Check.MATCH,
    b"wildcard_match": Check.WILDCARD,
    b"brace_match": Check.BRACE,
}


def read_include(text: bytes, dialect: Dialect) -> tuple[bytes, Check] | None:
    """Give the pattern of an include line and what it checks; None for any other line. text: stripped."""
    match = _INCLUDE.fullmatch(text)
    if match is None or (match.group(1) != b"include" and not dialect.include_variants):
        return None
    keyword, rest = match.groups()
    pattern = rest.strip(b" \t")
    if not dialect.whole_include:
        if len(pattern.split()) != 1 or (dialect.quote_words and b'"' in text):
            return None
        pattern = pattern.strip(b'"')
    return pattern, _OF_KEYWORD[keyword]


def change_checks(checks: Check, words: Sequence[bytes]) -> Check:
    """Give the checks after a line `include_check …` of global_defs. words: what follows the keyword.

    A first word without a sign begins anew, and reading is then always checked; further ones are ignored.
    """
    if not words:
        return ALL_CHECKS
    for number, word in enumerate(words):
        sign = word[:1] if word[:1] in (b"+", b"-") else b""
        if not sign and number:
            continue
        if not sign:
            checks = NO_CHECK
        named = _OF_WORD.get(word[len(sign) :], NO_CHECK)
        if sign == b"-":
            checks &= ~named
        elif named:
            checks |= named if sign else named | Check.READ
    return checks


def alternatives(pattern: bytes, dialect: Dialect) -> list[bytes]:
    """Give the patterns that one with braces stands for, at most 10,000; up to 1.3.7 a brace is a character."""
    if not dialect.include_braces:
        return [pattern]
    pending, done = [pattern], list[bytes]()
    while pending and len(done) + len(pending) < _MOST_ALTERNATIVES:
        one = pending.pop(0)
        match = _BRACES.search(one)
        if match is None:
            done.append(one)
            continue
        pending += [one[: match.start()] + part + one[match.end() :] for part in match.group(1).split(b",")]
    return done


def miss(pattern: bytes, missed: Sequence[bytes], all_missed: bool, checks: Check, place: Place) -> Finding | None:
    """Give the finding for alternatives that match nothing. missed: those; all_missed: there are no others."""
    shown = (pattern if all_missed or not missed else missed[0]).decode("utf-8", "backslashreplace")
    cure = "Create the file, correct the path, or remove the line."
    if _violated(pattern, missed, all_missed) & checks:
        message = f"nothing matches the include {shown}, and that must not be here: keepalived does not start"
        return Finding("conf/include-required", Severity.DECISION, place, message, cure)
    if not all_missed:
        return None
    message = f"nothing matches the include {shown}; keepalived goes on without it"
    return Finding("conf/include-missing", Severity.REVIEW, place, message, cure)


def skipped(path: str, kind: str, checks: Check, place: Place) -> Finding:
    """Give the finding for a file that keepalived does not read. kind: as `Files.kind` has it."""
    what, cure = f"the include {path}: it is {_KINDS[kind]}", "Include a regular file without x bits."
    if checks & Check.READ:
        message = f"keepalived does not start with {what}"
        return Finding("conf/include-required", Severity.DECISION, place, message, cure)
    return Finding("conf/include-skipped", Severity.REVIEW, place, f"keepalived skips {what}", cure)


def loop(path: str, place: Place) -> Finding:
    """Give the finding for a file that includes itself."""
    message = f"{path} includes itself, directly or through others; keepalived never ends reading it"
    return Finding("conf/include-loop", Severity.DECISION, place, message, "Remove one of the include lines.")


def unreadable(path: str, error: OSError, place: Place) -> Finding:
    """Give the finding for a file that we cannot read."""
    message = f"the include {path} cannot be read: {error.strerror or error}"
    return Finding("conf/include-unreadable", Severity.DECISION, place, message, "Run as a user who can read it.")


def _violated(pattern: bytes, missed: Sequence[bytes], all_missed: bool) -> Check:
    """An alternative without wildcards is a name that is not there, one with wildcards a search that found nothing."""
    names = [one for one in missed if not _WILDCARD.search(one)]
    if not all_missed:
        return Check.BRACE if names else NO_CHECK
    if names:
        return Check.BRACE if _BRACES.search(pattern) else Check.MATCH
    return Check.WILDCARD
