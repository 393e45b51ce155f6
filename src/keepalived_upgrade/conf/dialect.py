"""Dialects: how a range of releases reads characters. See lib/parser.c at the tags named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from keepalived_upgrade.releases import Release

NEWEST = Release(2, 4, 3)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The rules of reading for one release.

    word_comments: `#` and `!` begin a comment only at the start of a word, inside quotes too (up to 1.2.19).
    quote_words: a `"` is a word of its own, blanks between two of them collapse (up to 1.2.19).
    return_ends_line: a bare CR ends a line (up to 1.2.22).
    split_braces: a brace outside quotes splits the line even in mid-word (1.4.2 on); before, only as a word.
    escapes: `\\#` and `\\!` outside quotes give the plain character (2.0.9 on).
    strips_twice: the children strip a copy of the stripped text, so an escaped `#` is lost (2.2.0 on).
    drops_long_lines: a line over 1023 bytes loses its first piece (2.4.0 on); before, the rest is a new line.
    drops_nul_lines: a line with a NUL byte is ignored (2.4.0 on); before, the NUL ends the line's text.
    conditions, definitions, sequences, lists: whether `@id`, `$X=`, `~SEQ` and `~LST` exist.
    loose_names: `$NAME` may be followed by `,` or `)` too (2.1.0 on).
    whole_include: the rest of an include line is the pattern, quotes included (2.1.4 on); before, exactly one word.
    include_variants: includer, includem, includew, includeb, includea exist (2.2.0 on).
    include_braces: `{a,b}` in an include pattern are alternatives (1.3.8 on).
    skips_executable: an included file with an x bit is skipped (1.3.2 on).
    predefined: the names that have a value without a definition (`_PWD`, …).
    """

    release: Release
    word_comments: bool
    quote_words: bool
    return_ends_line: bool
    split_braces: bool
    escapes: bool
    strips_twice: bool
    drops_long_lines: bool
    drops_nul_lines: bool
    conditions: bool
    definitions: bool
    sequences: bool
    lists: bool
    loose_names: bool
    whole_include: bool
    include_variants: bool
    include_braces: bool
    skips_executable: bool
    predefined: frozenset[bytes]

    @property
    def sequence_words(self) -> tuple[bytes, ...]:
        """What a line begins with that is repeated."""
        return (b"~SEQ", b"~LST") if self.lists else (b"~SEQ",) if self.sequences else ()


# When each predefined definition came (facts: lexical rules, "$ definitions" and 6).
_PREDEFINED = {
    b"_PWD": Release(1, 4, 3),
    b"_INSTANCE": Release(2, 0, 1),
    b"_RANDOM": Release(2, 0, 15),
    b"_HASH": Release(2, 1, 4),
    b"_BANG": Release(2, 1, 4),
    b"_ENV": Release(2, 4, 0),
}


@cache
def dialect_of(release: Release = NEWEST) -> Dialect:
    """Give the dialect of a release."""

    def since(major: int, minor: int, patch: int = 0) -> bool:
        return release >= Release(major, minor, patch)

    return Dialect(
        release=release,
        word_comments=not since(1, 2, 20),
        quote_words=not since(1, 2, 20),
        return_ends_line=not since(1, 2, 23),
        split_braces=since(1, 4, 2),
        escapes=since(2, 0, 9),
        strips_twice=since(2, 2, 0),
        drops_long_lines=since(2, 4, 0),
        drops_nul_lines=since(2, 4, 0),
        conditions=since(1, 3, 0),
        definitions=since(1, 4, 0),
        sequences=since(2, 0, 9),
        lists=since(2, 1, 0),
        loose_names=since(2, 1, 0),
        whole_include=since(2, 1, 4),
        include_variants=since(2, 2, 0),
        include_braces=since(1, 3, 8),
        skips_executable=since(1, 3, 2),
        predefined=frozenset(name for name, first in _PREDEFINED.items() if release >= first),
    )
