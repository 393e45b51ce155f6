"""Grammars of routes and rules: virtual_routes, static_routes, virtual_rules, static_rules.

Source: keywords.json (value_words of these blocks, by release), the catalogue's route-gw-or and route-rule-strict, and
alloc_route and alloc_rule in vrrp_iproute.c and vrrp_iprule.c.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from keepalived_upgrade.conf.grammar import (
    Option,
    Part,
    Token,
    flat,
    is_network,
    known,
    names,
    option,
    read_tokens,
    word,
)
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from pyparsing import ParserElement

_FIRST, _LAST = Release(0, 0), Release(999, 0)
# From 1.2.24 routes and rules are read as iproute2 writes them.
_STRICT = Release(1, 2, 24)
# From here to 1.2.23 a word that is no network replaces the destination; the daemon may die of it.
_KEEPS_BAD_WORDS = Release(1, 2, 13)
# rtntypes in lib/rttables.c at v2.2.7
_TYPES = (
    *("unreachable", "prohibit", "throw", "unicast", "local", "broadcast", "brd", "anycast", "multicast"),
    *("nat", "xresolve"),
)
_ROUTE_TYPES = {"blackhole": _FIRST, **dict.fromkeys(_TYPES, _STRICT)}
_ADDRESSED = {**dict.fromkeys(("via", "gw", "or", "src", "to"), _FIRST), "as": _STRICT, "from": _STRICT}
_LOCKABLE = ("mtu", "advmss", "rtt", "rttvar", "reordering", "cwnd", "ssthresh", "rto_min", "congctl")
_ROUTE_VALUES = {
    **dict.fromkeys(("dev", "oif", "table", "metric", "scope"), _FIRST),
    **dict.fromkeys(
        ("dsfield", "tos", "expires", "features", "initcwnd", "initrwnd", "pref", "preference", "priority"), _STRICT
    ),
    **dict.fromkeys(("hoplimit", "protocol", "quickack", "realms", "weight", "window"), _STRICT),
    "fastopen_no_cookie": Release(1, 4, 3),
    "track_group": Release(2, 0, 3),
    "ttl-propagate": Release(2, 0, 8),
    "vrf": Release(2, 2, 5),
}
_ROUTE_ALONE = {
    **dict.fromkeys(("nexthop", "onlink", "inet", "inet6"), _STRICT),
    "no_track": Release(2, 0, 3),
    **dict.fromkeys(("add", "append", "prepend"), Release(2, 2, 5)),
}
_RULE_ADDRESSED = dict.fromkeys(("from", "to"), Release(1, 2, 20))
_RULE_VALUES = {
    "table": Release(1, 2, 20),
    **dict.fromkeys(("dev", "iif", "oif", "dsfield", "tos", "fwmark", "goto", "lookup", "realms"), _STRICT),
    **dict.fromkeys(("tunnel-id", "preference", "priority", "order", "type"), _STRICT),
    **dict.fromkeys(("suppress_ifgroup", "sup_group", "suppress_prefixlength", "sup_pl"), _STRICT),
    "uidrange": Release(1, 3, 5),
    "track_group": Release(2, 0, 3),
    **dict.fromkeys(("protocol", "ipproto", "sport", "dport"), Release(2, 0, 1)),
}
_RULE_ALONE = {
    **dict.fromkeys(("not", "nop", "blackhole", "unreachable", "prohibit"), _STRICT),
    "l3mdev": Release(1, 4, 3),
    "no_track": Release(2, 0, 3),
    **dict.fromkeys(("inet", "inet6"), Release(2, 0, 1)),
}


@dataclass(frozen=True, slots=True)
class Nexthop:
    """One `nexthop …` of a route: its options, and its bytes."""

    options: tuple[Option, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RouteLine:
    """kind: `blackhole` and its like, or "". destination: the network, with or without `to` in front of it.

    options: those of the route, in order (`or A` too). nexthops: each with the options that follow it. unknown: words
    that the release does not know here: from 1.2.24 they make it drop the route.
    """

    kind: str
    destination: Part
    options: tuple[Option, ...]
    nexthops: tuple[Nexthop, ...]
    unknown: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """options: selectors and actions in order (`from`, `to`, `table`, …). unknown: words no rule has in the release."""

    options: tuple[Option, ...]
    unknown: tuple[Part, ...]

    @property
    def negated(self) -> bool:
        """Whether the rule says `not`."""
        return any(option.name == "not" for option in self.options)


@dataclass(slots=True)
class _Collected:
    """What was found so far in a route."""

    kind: str = ""
    destinations: list[Part] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    hops: list[list[Option]] = field(default_factory=list)
    unknown: list[Part] = field(default_factory=list)


def parse_route(text: bytes, release: Release | None = None) -> RouteLine:
    """Read a line of virtual_routes or static_routes.

    `[blackhole|…] [src A] [to] DEST [via|gw A] [or A] [dev IF] [table T] [metric N] [scope S]`, and from 1.2.24
    `[via [inet|inet6] A] [mtu [lock] N] [encap …] [onlink] [nexthop …] …`. The last network is the destination, on
    1.2.13 to 1.2.23 the last plain word (probe g25k; alloc_route frees the one before it). text: the line without
    comment. release: whose words (every release's if None). Spans count bytes of the text. Raises InputError, with the
    column, for a line that names no destination.
    """
    of = release or _LAST
    cure = "Write DESTINATION/LENGTH via ADDRESS dev INTERFACE."
    tokens: list[Token] = read_tokens(_route_grammar(of), text, "this is no route", cure)
    found = _collect(tokens, of)
    if not found.destinations:
        raise InputError("this route names no destination", column=tokens[0].start + 1, cure=cure)
    destination = _choose(found.destinations, of)
    unknown = found.unknown + [part for part in found.destinations if part is not destination]
    unknown.sort(key=lambda part: part.start)
    hops = tuple(Nexthop(tuple(hop[1:]), hop[0].start, hop[-1].end) for hop in found.hops)
    return RouteLine(found.kind, destination, tuple(found.options), hops, tuple(unknown))


def parse_rule(text: bytes, release: Release | None = None) -> RuleLine:
    """Read a line of virtual_rules or static_rules: `[not] [from A] [to A] [table T] [priority N] [iif IF] …`.

    Rules exist from 1.2.20, all but from, to and table from 1.2.24. text: the line without comment. release: whose
    words (every release's if None). Spans count bytes of the text. Raises InputError, with the column, for a line that
    holds no word of a rule.
    """
    cure = "Write from ADDRESS table TABLE priority N."
    tokens: list[Token] = read_tokens(_rule_grammar(release or _LAST), text, "this is no rule", cure)
    options = tuple(token for token in tokens if isinstance(token, Option))
    if not options:
        raise InputError("this rule holds no word of a rule", column=tokens[0].start + 1, cure=cure)
    return RuleLine(options, tuple(token for token in tokens if isinstance(token, Part)))


def _choose(destinations: list[Part], release: Release) -> Part:
    """The word that the release takes as the destination: each one that is read replaces the one before it."""
    if _KEEPS_BAD_WORDS <= release < _STRICT:
        return destinations[-1]
    return next((part for part in reversed(destinations) if is_network(part.value)), destinations[-1])


def _collect(tokens: list[Token], release: Release) -> _Collected:
    found = _Collected()
    types = known(_ROUTE_TYPES, release)
    reserved = _route_words(release)
    for token in tokens:
        if isinstance(token, Option):
            _collect_option(token, found)
        elif token.text in types and not found.kind and not found.destinations:
            found.kind = token.text
        elif token.text in reserved or found.hops:
            # An option without its value; after `nexthop` no destination is looked for.
            found.unknown.append(token)
        else:
            found.destinations.append(token)
    return found


def _collect_option(token: Option, found: _Collected) -> None:
    if token.name == "nexthop":
        found.hops.append([token])
    elif token.name == "to":
        found.destinations.append(Part(token.value, token.end - len(token.value), token.end))
    elif found.hops:
        found.hops[-1].append(token)
    else:
        found.options.append(token)


@cache
def _route_words(release: Release) -> frozenset[str]:
    words = {**_ADDRESSED, **_ROUTE_VALUES, **_ROUTE_ALONE, **dict.fromkeys((*_LOCKABLE, "encap"), _STRICT)}
    return frozenset(known(words, release))


@cache
def _route_grammar(release: Release) -> ParserElement:
    from pyparsing import Optional

    plain = option(names(known(_ROUTE_VALUES, release)), word())
    alone = option(names(known(_ROUTE_ALONE, release)))
    if release < _STRICT:
        return flat(option(names(known(_ADDRESSED, release)), word()), plain, alone)
    addressed = _addressed(known(_ADDRESSED, release))
    lockable = option(names(_LOCKABLE), Optional(names(["lock"])), word())
    return flat(addressed, plain, lockable, _encap(), alone)


@cache
def _rule_grammar(release: Release) -> ParserElement:
    addressed = _addressed(known(_RULE_ADDRESSED, release))
    valued = option(names(known(_RULE_VALUES, release)), word())
    return flat(addressed, valued, option(names(known(_RULE_ALONE, release))))


def _addressed(words: tuple[str, ...]) -> ParserElement:
    """`via A`, `via inet6 A`, `as to A`."""
    from pyparsing import Optional

    return option(names(words), Optional(names(["inet", "inet6", "to"])), word())


def _encap() -> ParserElement:
    """`encap mpls LABELS`, `encap ila LOCATOR`, `encap ip|ip6 [id N] [dst A] [src A] [tos N] [ttl N] …`."""
    from pyparsing import And, MatchFirst, OneOrMore

    pair = names(["id", "dst", "src", "tos", "ttl", "tc", "hoplimit", "flags"]) + word()
    tunnel = And([names(["encap"]), names(["ip", "ip6"]), OneOrMore(pair)]).add_parse_action(_make_tunnel)
    return MatchFirst([tunnel, option(names(["encap"]), word(), word())])


def _make_tunnel(text: str, at: int, tokens: Any) -> Option:
    name, kind, first, *_, last = tokens
    return Option(name.text, text[first.start : last.end], name.start, last.end, kind.text)
