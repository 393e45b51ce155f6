"""Argument grammars: each word gets its meaning, and the spans are those of the bytes."""

from __future__ import annotations

import pytest

from keepalived_upgrade.conf.grammar import parse_address
from keepalived_upgrade.errors import InputError


def test_an_address_with_every_kind_of_option() -> None:
    text = b'192.0.2.1/24 brd 192.0.2.255  dev eth0 label "eth0:gw" no_track odd'
    line = parse_address(text)
    assert line.address == "192.0.2.1/24"
    assert [(o.name, o.value) for o in line.options] == [
        ("brd", "192.0.2.255"),
        ("dev", "eth0"),
        ("label", '"eth0:gw"'),
        ("no_track", ""),
    ]
    assert line.unknown == ("odd",)
    assert [text[o.start : o.end] for o in line.options] == [
        b"brd 192.0.2.255",
        b"dev eth0",
        b'label "eth0:gw"',
        b"no_track",
    ]


def test_an_interface_called_like_an_option_is_a_value() -> None:
    assert [(o.name, o.value) for o in parse_address(b"2001:db8::1 dev label scope global").options] == [
        ("dev", "label"),
        ("scope", "global"),
    ]


def test_bytes_that_are_no_ascii_keep_their_places() -> None:
    text = b"192.0.2.1 label eth0:caf\xe9 dev eth0"
    assert [text[o.start : o.end] for o in parse_address(text).options] == [b"label eth0:caf\xe9", b"dev eth0"]


def test_a_line_without_an_address_is_refused_with_its_column() -> None:
    with pytest.raises(InputError) as caught:
        parse_address(b"   ")
    assert caught.value.column
