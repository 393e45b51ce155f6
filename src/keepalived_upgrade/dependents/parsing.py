"""Parsing with tree-sitter, with an end to it.

Where a text is no script the parsers try to recover, which may take time and memory that grow with the square of the
number of errors: 64 kB of `[A]=2)` lines take tree-sitter-bash 0.25 five seconds and 900 MB. Scripts of that size, and
nearly all that is broken, are read in 20 ms.
"""

from __future__ import annotations

import re
import time
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# What is smaller cannot take long.
_SMALL = 8192
_MOST_SECONDS = 0.2
_MOST_SECONDS_A_BYTE = 4e-6
_MOST_PIPES = 1000
# A line that ends in a pipe or a backslash goes on below, behind empty lines and comments.
_GOES_ON = re.compile(rb"[|\\](?:[ \t]*(?:#[^\n]*)?\n)+")


def parse(language: str, source: bytes) -> Node:
    """Give the root of the syntax tree; that of an empty text where the source is_tangled. language: shell, python."""
    root = _parse(language, source)
    return root if root is not None else _parser(language).parse(b"").root_node


def is_tangled(language: str, source: bytes) -> bool:
    """Tell whether reading the source would take too long, so that it is not read at all."""
    return _parse(language, source) is None


# The same few texts are asked for again and again: before and after, for the names, the pieces and the calls.
@lru_cache(maxsize=4)
def _parse(language: str, source: bytes) -> Node | None:
    if language == "shell" and _has_endless_pipe(source):
        return None
    parser = _parser(language)
    # Only a parser that asks for its text part by part can be stopped, and its nodes ask again for theirs, slowly.
    if len(source) > _SMALL and not _ends_in_time(parser, source):
        parser.reset()
        return None
    return parser.parse(source).root_node


def _ends_in_time(parser: Parser, source: bytes) -> bool:
    end = time.thread_time() + _MOST_SECONDS + len(source) * _MOST_SECONDS_A_BYTE
    try:
        parser.parse(
            lambda offset, _: source[offset:], progress_callback=lambda _offset, _error: time.thread_time() > end
        )
    except ValueError:
        return False
    return True


@cache
def _parser(language: str) -> Parser:
    from tree_sitter import Language, Parser

    if language == "python":
        import tree_sitter_python

        return Parser(Language(tree_sitter_python.language()))
    import tree_sitter_bash

    return Parser(Language(tree_sitter_bash.language()))


def _has_endless_pipe(source: bytes) -> bool:
    """Tell whether a pipeline, or a list of patterns, is longer than the parser can take.

    From a pipe too many tree-sitter-bash 0.25 recovers in one step, which cannot be stopped: 64 kB of them take 2.4 GB.
    """
    if source.count(b"|") <= _MOST_PIPES:
        return False
    return any(line.count(b"|") > _MOST_PIPES for line in _GOES_ON.sub(b"|", source).split(b"\n"))
