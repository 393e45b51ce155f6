"""Typed views: what an instance, a group, a server holds, under the release that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepalived_upgrade.conf.grammar_scripts import parse_script
from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.model.commands import read_command
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.instances import Instance, instances_of, sync_groups_of, virtual_servers_of
from keepalived_upgrade.releases import Release, parse_release

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL = [*SHARED.glob("corpus/configs/*"), *SHARED.glob("facts/probes/*.conf")]
SOURCE = b"""vrrp_sync_group G {
    group { A B
            C }
    track_script { chk weight 5 }
}
vrrp_instance A {
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.0.2.1/24 dev eth0
        dev eth0
    }
    virtual_ipaddress_excluded { 2001:db8::1/64 }
    virtual_routes { 10.0.0.0/8 via 192.0.2.9 }
    virtual_rules { from 192.0.2.1 table 5 priority 3 }
    track_interface { eth1 weight -2 }
    notify "/x/n.sh a" root
}
virtual_server 192.0.2.1 80 {
    real_server 10.0.0.1 80 { }
    real_server 10.0.0.2 80 { }
    sorry_server 127.0.0.1 8080
}
virtual_server fwmark 7 { }
"""


def config(source: bytes, release: Release = Release(2, 2, 7)) -> Config:  # noqa: B008 - immutable
    return Config(parse(source, release), release, "keepalived.conf")


def only(source: bytes, release: Release) -> Instance:
    (instance,) = instances_of(config(source, release))
    return instance


def test_an_instance_and_its_lines_point_back_at_their_statements() -> None:
    instance = only(SOURCE, Release(2, 2, 7))
    assert (instance.name, instance.interface, instance.vrid, instance.priority) == (b"A", b"eth0", 51, 100)
    assert instance.family == 4
    assert [entry.value.address.text for entry in instance.addresses if entry.value] == ["192.0.2.1/24"]
    assert [entry.value.address.text for entry in instance.excluded if entry.value] == ["2001:db8::1/64"]
    assert [entry.value.destination.text for entry in instance.routes if entry.value] == ["10.0.0.0/8"]
    assert [entry.value.options[1].value for entry in instance.rules if entry.value] == ["5"]
    (track,) = instance.track
    assert track.value is not None
    assert (track.value.name.text, track.value.weight) == ("eth1", -2)
    assert track.statement.parent is not None
    assert track.statement.parent.keyword == b"track_interface"
    (notify,) = instance.notifies
    assert notify.value is not None
    word = notify.value.words[0]
    start = notify.statement.start
    assert SOURCE[start + word.start : start + word.end] == b"/x/n.sh"


def test_a_line_that_means_nothing_is_an_entry_with_its_place() -> None:
    entry = only(SOURCE, Release(2, 2, 7)).addresses[1]
    assert entry.value is None
    assert entry.error is not None
    assert (entry.error.path, entry.error.line, entry.error.column) == ("keepalived.conf", 12, 9)


def test_groups_and_servers() -> None:
    (group,) = sync_groups_of(config(SOURCE))
    assert (group.name, group.members) == (b"G", (b"A", b"B", b"C"))
    assert [entry.value.weight for entry in group.track if entry.value] == [5]
    first, second = virtual_servers_of(config(SOURCE))
    assert (first.key, second.key) == ((b"192.0.2.1", b"80"), (b"fwmark", b"7"))
    assert [server.key for server in first.real_servers] == [(b"10.0.0.1", b"80"), (b"10.0.0.2", b"80")]
    assert first.sorry_server is not None
    assert first.sorry_server.key == (b"127.0.0.1", b"8080")
    assert second.sorry_server is None


@pytest.mark.parametrize(
    ("inside", "old", "new"),
    [
        (b"virtual_ipaddress {\n 192.0.2.1\n}", 4, 4),
        (b"virtual_ipaddress {\n 2001:db8::1\n}", 4, 6),
        (b"virtual_ipaddress {\n 2001:db8::1\n192.0.2.1\n}", 4, 6),
        (b"unicast_src_ip 192.0.2.9\nvirtual_ipaddress {\n 2001:db8::1\n}", 4, 4),
        (b"unicast_peer {\n 2001:db8::2\n}\nmcast_src_ip 192.0.2.9", 4, 6),
        (b"native_ipv6\nvirtual_ipaddress {\n 192.0.2.1\n}", 6, 6),
        (b"virtual_ipaddress_excluded {\n 2001:db8::1\n}", 4, None),
        (b"virtual_ipaddress {\n}\nvirtual_ipaddress {\nx\n}\nunicast_src_ip nonsense", 4, None),
    ],
)
def test_the_family_under_old_and_new_releases(inside: bytes, old: int, new: int | None) -> None:
    source = b"vrrp_instance A {\n" + inside + b"\n}\n"
    assert only(source, Release(1, 2, 19)).family == old
    assert only(source, Release(1, 2, 20)).family == new


def test_what_is_missing_or_no_number_is_none() -> None:
    instance = only(b"vrrp_instance {\n virtual_router_id x\n priority\n}\n", Release(2, 2, 7))
    assert (instance.name, instance.interface, instance.vrid, instance.priority) == (b"", b"", None, None)
    assert instance.addresses == instance.routes == ()


@pytest.mark.skipif(not REAL, reason="the corpus lies beside the checkout")
@pytest.mark.parametrize("release", [Release(1, 2, 13), Release(1, 3, 5), Release(2, 4, 3)], ids=str)
def test_real_files_give_views_and_no_line_is_lost(release: Release) -> None:
    entries = []
    for file in REAL:
        config = Config(parse(file.read_bytes(), release), release, "keepalived.conf")
        for group in sync_groups_of(config):
            assert isinstance(group.members, tuple)
            entries += group.track
        for server in virtual_servers_of(config):
            assert len(server.real_servers) == len(server.statement.find_all(b"real_server"))
        for instance in instances_of(config):
            assert instance.family in (4, 6, None)
            lists = (instance.addresses, instance.excluded, instance.routes, instance.rules)
            entries += [entry for entries in (*lists, instance.track, instance.notifies) for entry in entries]
    assert len(entries) > 300
    assert all((entry.value is None) != (entry.error is None) for entry in entries)
    wrong = [entry for entry in entries if entry.error]
    assert len(wrong) < len(entries) / 20, wrong


def test_a_library_user_reads_a_host_in_three_lines() -> None:
    from keepalived_upgrade import Site, instances_of, read_site

    root = Path(__file__).resolve().parents[1] / "corpora/gateway-2017/root"
    config = read_site(Site.open("/etc/keepalived/keepalived.conf", root=root), Release(1, 2, 13))
    (gateway,) = instances_of(config)
    assert (gateway.name, gateway.family) == (b"GW", 4)
    assert {entry.value.address.text.partition(":")[0] for entry in gateway.addresses if entry.value} >= {"2001"}


@pytest.mark.parametrize("release", ["1.2.13", "1.2.24", "1.3.9", "2.0.5", "2.0.20", "2.2.7", "2.4.3"])
@given(
    rest=st.lists(st.sampled_from([b"/x/n.sh", b"a", b" ", b'"', b"'", b"\\", b"\t", b"root"]), max_size=12).map(
        b"".join
    )
)
def test_plain_lines_mean_what_the_grammar_says(release: str, rest: bytes) -> None:
    text = (b"notify " + rest).strip()
    of = parse_release(release)
    try:
        line = parse_script(text, of)
    except InputError:
        return
    users = tuple(part.text.encode() for part in (line.user, line.group) if part is not None)
    assert read_command(text, of) == (line.string, line.argv, users)


@pytest.mark.parametrize("line", [b'notify"', b'notify"/x a', b"notify'", b'notify"/x" a"', b"notify\\", b'notify "'])
@pytest.mark.parametrize("release", ["1.2.13", "2.0.5", "2.2.7"])
def test_a_line_whose_quote_touches_the_keyword_or_is_not_closed_still_names_its_file(
    line: bytes, release: str
) -> None:
    string, argv, _ = read_command(line, parse_release(release))
    assert not string.startswith((b"notify", b'"', b"'"))
    assert argv == tuple(string.split())
