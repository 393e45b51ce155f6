"""Argument grammars: each word gets its meaning, and the spans are those of the bytes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalived_upgrade.conf.grammar import Option, Part, parse_address, parse_track
from keepalived_upgrade.conf.grammar_definitions import parse_definition, parse_sequence
from keepalived_upgrade.conf.grammar_routes import parse_route, parse_rule
from keepalived_upgrade.conf.grammar_scripts import parse_script
from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL = sorted(SHARED.glob("corpus/configs/*"))
RELEASES = [Release(1, 2, 2), Release(1, 2, 13), Release(1, 2, 24), Release(1, 3, 5), Release(2, 0, 20), None]
BY_RELEASE: list[Callable[[bytes, Release | None], Any]] = [
    parse_address, parse_track, parse_route, parse_rule, parse_script
]  # fmt: skip
ALIKE: list[Callable[[bytes], Any]] = [parse_definition, parse_sequence]
WORDS = st.lists(
    st.sampled_from(
        [b"via", b"or", b"src", b"to", b"dev", b"nexthop", b"weight", b"encap", b"ip", b"id", b"mtu", b"lock", b"inet6",
         b"from", b"not", b"table", b"10.0.0.0/8", b"default", b"reverse", b"5", b'"', b"'", b"\\", b" ", b"\t", b"\v",
         b"$X=", b"~SEQ(", b"~LST(", b"{", b"}", b",", b")", b"a", b"\xa0", b"\x85", b"\0", b"\n", b"#", b"blackhole"]
    ),
    max_size=20,
).map(b" ".join)  # fmt: skip


def pairs(options: tuple[Option, ...]) -> list[tuple[str, str]]:
    return [(option.name, option.value) for option in options]


def check_spans(value: object, text: bytes) -> None:
    """Every part says what stands at its bytes, and every option begins with its name and ends with its value."""
    if isinstance(value, Part):
        assert text[value.start : value.end].decode("latin-1") == value.text
    elif isinstance(value, Option):
        written = text[value.start : value.end].decode("latin-1")
        assert written.startswith(value.name)
        assert written.endswith(value.value)
    if isinstance(value, tuple):
        for item in value:
            check_spans(item, text)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            check_spans(getattr(value, field.name), text)


def read_or_refuse(read: Callable[..., Any], text: bytes, *release: Release | None) -> None:
    try:
        value = read(text, *release)
    except InputError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.cure
    else:
        check_spans(value, text)


# -- addresses ------------------------------------------------------------------------------------------------


def test_an_address_with_every_kind_of_option() -> None:
    text = b'192.0.2.1/24 brd 192.0.2.255  dev eth0 label "eth0:gw" no_track odd'
    line = parse_address(text)
    assert line.address == Part("192.0.2.1/24", 0, 12)
    assert pairs(line.options) == [
        ("brd", "192.0.2.255"),
        ("dev", "eth0"),
        ("label", '"eth0:gw"'),
        ("no_track", ""),
    ]
    assert [part.text for part in line.unknown] == ["odd"]
    assert [text[o.start : o.end] for o in line.options] == [
        b"brd 192.0.2.255",
        b"dev eth0",
        b'label "eth0:gw"',
        b"no_track",
    ]


def test_an_interface_called_like_an_option_is_a_value() -> None:
    assert pairs(parse_address(b"2001:db8::1 dev label scope global").options) == [
        ("dev", "label"),
        ("scope", "global"),
    ]


@pytest.mark.parametrize("blank", [b"\t", b"\t \t", b"\v", b"\f", b"\r"])
def test_bytes_that_are_no_ascii_and_tabs_keep_their_places(blank: bytes) -> None:
    text = blank.join([b"192.0.2.1", b"label", b"eth0:caf\xe9\xa0", b"dev", b"eth0"]) + blank
    assert [text[o.start : o.end] for o in parse_address(text).options] == [
        b"label" + blank + b"eth0:caf\xe9\xa0",
        b"dev" + blank + b"eth0",
    ]


def test_a_word_that_comes_later_is_unknown_to_an_older_release() -> None:
    text = b"2001:db8::1 -nodad use_vmac"
    assert pairs(parse_address(text, Release(2, 2, 7)).options) == [("-nodad", ""), ("use_vmac", "")]
    assert [part.text for part in parse_address(text, Release(2, 0, 20)).unknown] == ["use_vmac"]
    assert [part.text for part in parse_address(text, Release(1, 2, 13)).unknown] == ["-nodad", "use_vmac"]


def test_of_two_addresses_on_a_line_old_releases_take_the_last() -> None:
    text = b"192.0.2.1/24 192.0.2.2/24 dev eth0"
    for release, wanted, left in (
        (Release(1, 2, 19), "192.0.2.2/24", "192.0.2.1/24"),
        (Release(1, 2, 20), "192.0.2.1/24", "192.0.2.2/24"),
    ):
        line = parse_address(text, release)
        assert (line.address.text, [part.text for part in line.unknown]) == (wanted, [left])


@pytest.mark.parametrize(("text", "column"), [(b"   ", 1), (b'192.0.2.1 label "a', 17), (b" dev eth0", 2)])
def test_a_line_without_an_address_is_refused_with_its_column(text: bytes, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(text)
    assert caught.value.column == column


# -- tracked objects ------------------------------------------------------------------------------------------


def test_a_track_line() -> None:
    line = parse_track(b"chk_mysql weight -60 reverse")
    assert (line.name.text, line.weight, line.reverse, line.unknown) == ("chk_mysql", -60, True, ())
    assert not parse_track(b"chk weight 5 reverse noreverse").reverse
    assert parse_track(b"eth0").weight is None


def test_what_a_track_line_may_not_hold_is_kept() -> None:
    line = parse_track(b"eth1 eth9 weight ten wheight", Release(2, 0, 18))
    assert line.weight is None
    assert pairs(line.options) == [("weight", "ten")]
    assert [part.text for part in line.unknown] == ["eth9", "wheight"]
    assert [part.text for part in parse_track(b"s weight 1 reverse", Release(2, 0, 17)).unknown] == ["reverse"]
    assert parse_track(b"s weight 1 reverse", Release(2, 0, 18)).reverse
    assert [part.text for part in parse_track(b"s weight").unknown] == ["weight"]


# -- routes and rules -----------------------------------------------------------------------------------------


def test_a_route_as_1_2_writes_it() -> None:
    text = b"src 192.0.2.2 to 203.0.113.0/24 via 192.0.2.1 or 192.0.2.9\tdev eth0 scope global metric 5"
    for release in RELEASES:
        line = parse_route(text, release)
        assert line.destination == Part("203.0.113.0/24", 17, 31)
        assert [text[o.start : o.end] for o in line.options] == [
            b"src 192.0.2.2",
            b"via 192.0.2.1",
            b"or 192.0.2.9",
            b"dev eth0",
            b"scope global",
            b"metric 5",
        ]
        assert line.unknown == ()


@pytest.mark.parametrize(
    ("text", "first", "before"),
    [
        (b"192.0.2.0/24 mtu lock 1400", (1, 2, 24), None),
        (b"192.0.2.0/24 fastopen_no_cookie 1", (1, 4, 3), (1, 4, 2)),
        (b"192.0.2.0/24 no_track", (2, 0, 3), (2, 0, 2)),
        (b"192.0.2.0/24 ttl-propagate enabled", (2, 0, 8), (2, 0, 7)),
        (b"192.0.2.0/24 vrf blue append", (2, 2, 5), (2, 2, 4)),
    ],
)
def test_a_word_of_a_route_is_known_from_the_release_that_brought_it(
    text: bytes, first: tuple[int, ...], before: tuple[int, ...] | None
) -> None:
    """As alloc_route in vrrp_iproute.c has them at the tags."""
    assert parse_route(text, Release(*first)).unknown == ()
    if before:
        assert parse_route(text, Release(*before)).unknown != ()


def test_only_what_a_route_may_lock_takes_the_word() -> None:
    assert pairs(parse_route(b"192.0.2.0/24 rtt lock 5").options) == [("rtt", "5")]
    assert pairs(parse_route(b"192.0.2.0/24 hoplimit lock").options) == [("hoplimit", "lock")]


def test_of_two_destinations_the_last_is_the_route_s() -> None:
    for release in (Release(1, 2, 7), Release(1, 2, 24), Release(2, 4, 3)):
        line = parse_route(b"192.0.2.0/24 198.51.100.0/24", release)
        assert (line.destination.text, [part.text for part in line.unknown]) == ("198.51.100.0/24", ["192.0.2.0/24"])


def test_a_rule_speaks_of_ports_from_2_0_1() -> None:
    text = b"from 192.0.2.0/24 ipproto tcp dport 80 table 5"
    assert parse_rule(text, Release(2, 0, 1)).unknown == ()
    assert [part.text for part in parse_rule(text, Release(2, 0, 0)).unknown] == ["ipproto", "tcp", "dport", "80"]


def test_a_route_with_nexthops() -> None:
    text = (
        b"203.0.113.0/24 metric 3 nexthop via 192.0.2.1 dev eth0 weight 1 nexthop via inet6 fe80::1 weight 2 onlink x"
    )
    line = parse_route(text)
    assert pairs(line.options) == [("metric", "3")]
    assert [text[hop.start : hop.end] for hop in line.nexthops] == [
        b"nexthop via 192.0.2.1 dev eth0 weight 1",
        b"nexthop via inet6 fe80::1 weight 2 onlink",
    ]
    assert pairs(line.nexthops[1].options) == [("via", "fe80::1"), ("weight", "2"), ("onlink", "")]
    assert line.nexthops[1].options[0].qualifier == "inet6"
    assert [part.text for part in line.unknown] == ["x"]


def test_kinds_locks_and_encapsulation() -> None:
    assert parse_route(b"blackhole 203.0.113.0/24", Release(1, 2, 13)).kind == "blackhole"
    assert parse_route(b"prohibit default").kind == "prohibit"
    line = parse_route(b"inet6 default mtu lock 1400 hoplimit 9 encap ip id 5 dst 192.0.2.1 encap mpls 100 no_track")
    assert [(o.name, o.qualifier, o.value) for o in line.options] == [
        ("inet6", "", ""),
        ("mtu", "lock", "1400"),
        ("hoplimit", "", "9"),
        ("encap", "ip", "id 5 dst 192.0.2.1"),
        ("encap", "mpls", "100"),
        ("no_track", "", ""),
    ]
    assert line.destination.text == "default"


def test_an_unknown_word_of_a_route_is_the_destination_up_to_1_2_23() -> None:
    text = b"10.3.0.0/16 via 192.0.2.1 dev eth0 foo onlink"
    old, new = parse_route(text, Release(1, 2, 23)), parse_route(text, Release(1, 2, 24))
    assert (old.destination.text, [part.text for part in old.unknown]) == ("onlink", ["10.3.0.0/16", "foo"])
    assert (new.destination.text, [part.text for part in new.unknown]) == ("10.3.0.0/16", ["foo"])


def test_up_to_1_2_7_only_a_network_is_the_destination() -> None:
    text = b"203.0.113.0/24 via 192.0.2.1 bogus"
    assert parse_route(text, Release(1, 2, 7)).destination.text == "203.0.113.0/24"
    assert parse_route(text, Release(1, 2, 13)).destination.text == "bogus"
    assert parse_route(b"default bogus", Release(1, 2, 7)).destination.text == "default"
    assert parse_route(b"bogus", Release(1, 2, 7)).destination.text == "bogus"


def test_an_option_without_a_value_is_no_destination() -> None:
    assert [part.text for part in parse_route(b"10.0.0.0/8 via").unknown] == ["via"]
    with pytest.raises(InputError, match="no destination") as caught:
        parse_route(b"  via 192.0.2.1 dev")
    assert caught.value.column == 3


def test_a_rule() -> None:
    text = b"not from inet6 default to 2001:db8::/32 fwmark 1/2 table 100 priority 5 iif eth0 no_track odd"
    line = parse_rule(text)
    assert line.negated
    assert [text[o.start : o.end] for o in line.options[1:5]] == [
        b"from inet6 default",
        b"to 2001:db8::/32",
        b"fwmark 1/2",
        b"table 100",
    ]
    assert [part.text for part in line.unknown] == ["odd"]


def test_rules_grow_with_the_releases() -> None:
    text = b"from 192.0.2.1 table 100 priority 500 uidrange 1-2"
    assert [part.text for part in parse_rule(text, Release(1, 2, 20)).unknown] == ["priority", "500", "uidrange", "1-2"]
    assert [part.text for part in parse_rule(text, Release(1, 2, 24)).unknown] == ["uidrange", "1-2"]
    assert parse_rule(text).unknown == ()
    with pytest.raises(InputError, match="no word of a rule"):
        parse_rule(text, Release(1, 2, 13))


# -- scripts --------------------------------------------------------------------------------------------------


def test_a_quoted_script_with_user_and_group() -> None:
    text = b"notify\t\"/x/n.sh a 'b c'\" root adm odd"
    line = parse_script(text)
    assert line.keyword.text == "notify"
    assert [text[w.start : w.end] for w in line.words] == [b"/x/n.sh", b"a", b"'b c'"]
    assert line.argv == (b"/x/n.sh", b"a", b"b c")
    assert line.user is not None
    assert line.group is not None
    assert (line.user.text, line.group.text) == ("root", "adm")
    assert [part.text for part in line.unknown] == ["odd"]


def test_an_unquoted_script_is_read_as_each_release_does() -> None:
    text = b"notify_master /x/n.sh a b"
    old, new = parse_script(text, Release(1, 2, 13)), parse_script(text, Release(1, 3, 5))
    assert ([w.text for w in old.words], old.user) == (["/x/n.sh"], None)
    assert [part.text for part in old.unknown] == ["a", "b"]
    assert [w.text for w in new.words] == ["/x/n.sh"]
    assert new.user is not None
    assert new.user.text == "a"


def test_single_quotes_count_from_2_0_6() -> None:
    text = b"script '/x/c.sh -v' ignored"
    assert [w.text for w in parse_script(text, Release(2, 0, 6)).words] == ["/x/c.sh", "-v"]
    assert [part.text for part in parse_script(text, Release(2, 0, 6)).unknown] == ["ignored"]
    with pytest.raises(InputError) as caught:
        parse_script(text, Release(2, 0, 5))
    assert caught.value.column == 8


@pytest.mark.parametrize(
    ("text", "release", "argv"),
    [  # what the probes d06, d12, d20 and d22 saw
        (rb'script "/x/c.sh \"a b\" c"', Release(2, 0, 10), [b"/x/c.sh", b"a b", b"c"]),
        (rb'script "/x/c.sh \"a b\" c"', Release(2, 3, 0), [b"/x/c.sh", b"a b", b"c"]),
        (rb'script "/x/c.sh \"a b\" c"', Release(2, 3, 4), [b"/x/c.sh", b'"a', b'b"', b"c"]),
        (b"script \"/x/c.sh 'a b' c\"", Release(2, 0, 0), [b"/x/c.sh", b"'a", b"b'", b"c"]),
        (b"script \"/x/c.sh 'a b' c\"", Release(2, 2, 7), [b"/x/c.sh", b"a b", b"c"]),
        (b"script \"/x/c.sh 'a b' c\"", Release(1, 2, 13), [b"/x/c.sh", b"a b", b"c"]),
        (b"script '/x/c.sh a b'", Release(2, 4, 3), [b"/x/c.sh", b"a", b"b"]),
        (b"script /x/c.sh a b", Release(1, 2, 24), [b"/x/c.sh"]),
        (rb'script "/x \x41\101\cA\t\9 \q"', Release(2, 4, 3), [b"/x", b"AA\x01\t9", b"q"]),
    ],
)
def test_the_program_gets_what_each_release_gives_it(text: bytes, release: Release, argv: list[bytes]) -> None:
    assert list(parse_script(text, release).argv) == argv


@pytest.mark.parametrize(("text", "column"), [(b"notify", 7), (b'notify "/x', 8), (b"", 1)])
def test_a_script_line_without_a_command_is_refused(text: bytes, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_script(text)
    assert caught.value.column == column


def test_an_empty_command_runs_nothing() -> None:
    line = parse_script(b'notify ""')
    assert (line.words, line.argv) == ((), ())


# -- definitions and sequences --------------------------------------------------------------------------------


def test_definition_lines() -> None:
    line = parse_definition(b'$IF=  "eth0 x"')
    assert (line.name, line.value, line.continued) == (Part("IF", 1, 3), Part('"eth0 x"', 6, 14), False)
    many = parse_definition(b"$B=state MASTER \\")
    assert (many.value.text, many.continued) == ("state MASTER", True)
    assert parse_definition(b"$E=").value == Part("", 3, 3)


@pytest.mark.parametrize(("text", "column"), [(b"$X =a", 3), (b"$1=3", 2), (b"X=3", 1), (b"$ X=3", 2)])
def test_what_is_no_definition_is_refused(text: bytes, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_definition(text)
    assert caught.value.column == column


def test_sequences() -> None:
    line = parse_sequence(b"~SEQx(i, 1, ${STEP}, 9) 10.0.0.$i")
    assert (line.kind, [v.text for v in line.variables]) == ("~SEQx", ["i"])
    assert [[part.text for part in row] for row in line.rows] == [["1", "${STEP}", "9"]]
    assert line.text.text == "10.0.0.$i"
    single = parse_sequence(b"~LST(v, a, b) ~SEQ(i, 2) x")
    assert [[part.text for part in row] for row in single.rows] == [["a"], ["b"]]
    assert single.text.text == "~SEQ(i, 2) x"
    groups = parse_sequence(b"~LST({a, b}, {1, 2}, {3})")
    assert [[part.text for part in row] for row in groups.rows] == [["1", "2"], ["3"]]
    assert groups.text.text == ""


@pytest.mark.parametrize(("text", "column"), [(b"~SEQ(i) t", 7), (b"~LST({a}, {1, 2}) t", 15), (b"~FOO(a, 1) t", 1)])
def test_what_is_no_sequence_is_refused(text: bytes, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_sequence(text)
    assert caught.value.column == column


# -- all of them ----------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(st.one_of(WORDS, st.binary(max_size=60)), st.sampled_from(RELEASES))
def test_any_bytes_give_a_value_or_an_input_error(text: bytes, release: Release | None) -> None:
    for read in BY_RELEASE:
        read_or_refuse(read, text, release)
    for read in ALIKE:
        read_or_refuse(read, text)


@pytest.mark.skipif(not REAL, reason="the corpus lies beside the checkout")
def test_every_line_of_real_files_gives_a_value_or_an_input_error() -> None:
    lines = {s.text for file in REAL for s in parse(file.read_bytes()).walk()}
    assert len(lines) > 500
    for text in sorted(lines):
        for read in BY_RELEASE:
            read_or_refuse(read, text, None)
        for read in ALIKE:
            read_or_refuse(read, text)


@pytest.mark.parametrize("read", [*BY_RELEASE, *ALIKE])
@pytest.mark.parametrize("piece", [b"a ", b"(", b"{", b'"a" ', b"\\", b"via b ", b"nexthop "])
def test_long_lines_neither_recurse_nor_take_long(read: Callable[..., Any], piece: bytes) -> None:
    for before in (b"", b"x ", b"$X=", b"~LST("):
        begin = time.process_time()
        read_or_refuse(read, before + piece * 5_000)
        assert time.process_time() - begin < 20  # the square of it would be minutes


def test_pyparsing_is_imported_with_the_first_grammar_that_is_used() -> None:
    program = (
        "import sys, keepalived_upgrade.model.instances, keepalived_upgrade.conf.grammar_definitions as d\n"
        "assert 'pyparsing' not in sys.modules\n"
        "d.parse_definition(b'$A=b')\n"
        "assert 'pyparsing' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
