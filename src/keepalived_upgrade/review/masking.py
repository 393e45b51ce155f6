"""Secrets stay home: passwords are masked wherever they are shown and need not be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from keepalived_upgrade.secrecy import find_secrets

MASK = "********"
# What only the whole configuration tells: the definitions that hold passwords, and their values.
_KNOWN: ContextVar[tuple[bytes, ...]] = ContextVar("known", default=())


class Holder(Protocol):
    """A plan."""

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """What defined_secrets gave."""
        ...


_P = ParamSpec("_P")
_H = TypeVar("_H", bound=Holder)
_R = TypeVar("_R")


def hiding(render: Callable[Concatenate[_H, _P], _R]) -> Callable[Concatenate[_H, _P], _R]:
    """Let a function that shows a plan mask what this plan's definitions hold, too."""

    @wraps(render)
    def hidden(plan: _H, /, *given: _P.args, **options: _P.kwargs) -> _R:
        token = _KNOWN.set(tuple(dict.fromkeys((*_KNOWN.get(), *plan.secrets))))
        try:
            return render(plan, *given, **options)
        finally:
            _KNOWN.reset(token)

    return hidden


def hide(secrets: Iterable[bytes]) -> None:
    """Mask these from now on, in messages that belong to no plan: a program calls it once, a library does not."""
    _KNOWN.set(tuple(dict.fromkeys((*_KNOWN.get(), *secrets))))


def mask(text: str) -> str:
    """Give the text with secrets replaced. Their quotes stay: they may be the change."""
    spans = find_secrets(text, _KNOWN.get())
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], MASK)
        at = end
    return "".join((*parts, text[at:]))


def secret_spans(data: bytes) -> list[tuple[int, int]]:
    """Give where passwords stand, as spans of bytes."""
    return find_secrets(data, _KNOWN.get())


def show(data: bytes) -> str:
    """Give bytes as text that does nothing to a terminal: control characters but tabs are spelled out."""
    text = data.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else _spell(c) for c in text)


def clean(text: str) -> str:
    """Give a message that does nothing to a terminal, on one line."""
    return "".join(c if c.isprintable() else _spell(c) for c in text)


def _spell(char: str) -> str:
    return "^" + chr(ord(char) + 64) if ord(char) < 32 else char.encode("unicode_escape").decode()
