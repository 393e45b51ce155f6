"""What a release does with a configuration, and two effects compared."""

from __future__ import annotations

import dataclasses

import pytest

from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect import effect_of
from keepalived_upgrade.model.effect_compare import Difference, align_facts, compare
from keepalived_upgrade.model.effect_facts import facts_of
from keepalived_upgrade.model.effect_values import Action, Effect, Problem, Surroundings
from keepalived_upgrade.names import NewName, Rename
from keepalived_upgrade.releases import Release

OLD, NEW = Release(1, 2, 13), Release(2, 2, 7)
INSTANCE = b"""vrrp_instance GW {
    state MASTER
    interface lan0
    virtual_router_id 17
    priority 150
    authentication {
        auth_type PASS
        auth_pass gw17pass
    }
    virtual_ipaddress {
        192.0.2.1/24 dev lan0
        2001:db8:17::1/64 dev lan0
    }
    notify /etc/keepalived/default-route
}
"""


def effect(text: bytes, release: Release = NEW, around: Surroundings | None = None) -> Effect:
    return effect_of(Config(parse(text, release), release, "/k.conf"), around)


def differences(old: bytes, new: bytes, release: Release = NEW) -> set[tuple[str, str, str]]:
    return {(d.change, d.kind, d.item) for d in compare(effect(old, release), effect(new, release))}


def test_an_effect_is_a_value() -> None:
    one, other = effect(INSTANCE), effect(INSTANCE.replace(b"    ", b"\t"))
    assert one.instances == other.instances
    assert hash(one.instances) == hash(other.instances)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.release = OLD  # type: ignore[misc]


def test_both_families_come_up_on_the_old_release_and_one_on_the_new() -> None:
    old, new = effect(INSTANCE, OLD), effect(INSTANCE, NEW)
    assert [a.family for a in old.instances[0].addresses] == [4, 6]
    assert [a.family for a in new.instances[0].addresses] == [4]
    (mistake,) = new.mistakes
    assert (mistake.line, mistake.problem) == (12, Problem.IGNORED)
    lost = [d for d in compare(old, new) if d.kind == "address"]
    assert [d.sentence for d in lost] == ["GW: address 2001:db8:17::1 is gone (/64 dev lan0)"]


def test_a_split_is_equal_up_to_its_names_but_for_what_it_must_change() -> None:
    halves = b"""vrrp_instance GW_v4 {
    state MASTER
    interface lan0
    virtual_router_id 17
    priority 150
    authentication {
        auth_type PASS
        auth_pass gw17pass
    }
    virtual_ipaddress { 192.0.2.1/24 dev lan0 }
    notify /etc/keepalived/default-route
}
vrrp_instance GW_v6 {
    state MASTER
    interface lan0
    virtual_router_id 17
    priority 150
    virtual_ipaddress { 2001:db8:17::1/64 dev lan0 }
}
vrrp_sync_group GW_group { group { GW_v4 GW_v6 } }
"""
    rename = Rename("instance", b"GW", (NewName(b"GW_v4", "IPv4 half"), NewName(b"GW_v6", "IPv6 half")), "m")
    found = compare(effect(INSTANCE, OLD), effect(halves), (rename,))
    assert {(d.kind, d.owner) for d in found} == {
        *((kind, "GW") for kind in ("auth", "family", "version")),
        ("group", "GW_group"),
        ("states", "notify"),
        ("umask", "scripts"),
    }
    assert "the VRRP version: 2, 3 (before: 2)" in {d.sentence.partition(": ")[2] for d in found}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"priority 150", b"priority 151", ("changed", "priority", "")),
        (b"192.0.2.1/24", b"192.0.2.7/24", ("gained", "address", "192.0.2.7")),
        (b"192.0.2.1/24 dev lan0", b"192.0.2.1/24 dev lan0 label lan0:1", ("changed", "address", "192.0.2.1")),
        (b"17pass", b"17past", ("changed", "secret", "")),
        (b"default-route", b"other", ("changed", "command", "notify")),
        (b"interface lan0", b"interface lan1", ("changed", "interface", "")),
        (b"priority 150", b"priority 150\n garp_master_delay 3", ("gained", "setting", "garp_master_delay")),
        (
            b"priority 150",
            b"priority 150\n track_interface { up0 weight 5 }",
            ("gained", "track", "track_interface up0"),
        ),
        (b"priority 150", b"priority 150\n use_vmac", ("gained", "vmac", "")),
        (b"priority 150", b"priority 150\n unicast_peer { 192.0.2.9 }", ("gained", "peer", "192.0.2.9")),
        (
            b"priority 150",
            b"priority 150\n virtual_routes { 10.0.0.0/8 via 192.0.2.9 }",
            ("gained", "route", "10.0.0.0/8"),
        ),
        (b"priority 150", b"priority 150\n virtual_rules { to 10.0.0.0/8 table 7 }", ("gained", "rule", "table 7")),
    ],
)
def test_what_differs_is_named(before: bytes, after: bytes, expected: tuple[str, str, str]) -> None:
    found = differences(INSTANCE, INSTANCE.replace(before, after))
    change, kind, item = expected
    assert any((c, k) == (change, kind) and item in i for c, k, i in found), found


def test_an_instance_that_goes_is_told_once_and_its_addresses_too() -> None:
    found = differences(INSTANCE, b"")
    assert {(change, kind) for change, kind, _ in found} == {("lost", "instance"), ("lost", "address")}


def test_passwords_are_compared_and_never_shown() -> None:
    one, other = effect(INSTANCE), effect(INSTANCE.replace(b"gw17pass", b"gw17past"))
    (secret,) = compare(one, other)
    assert secret.sentence == "GW: the password, as it is sent, is another one"
    shown = align_facts(facts_of(one, secrets=True), facts_of(other, secrets=True))
    assert "gw17pas" not in repr((compare(one, other), shown, facts_of(one)))


def test_servers_are_compared_by_what_they_do() -> None:
    text = b"""virtual_server_group G { 192.0.2.1 80
  192.0.2.5-9 80 }
virtual_server group G {
    delay_loop 6
    lb_algo rr
    lb_kind DR
    protocol TCP
    quorum_up "/x/up.sh a"
    sorry_server 127.0.0.1 80
    real_server 10.0.0.1 80 {
        weight 3
        notify_down /x/down.sh
        HTTP_GET {
            url { path /
                  status_code 200 }
            nb_get_retry 3
        }
        MISC_CHECK { misc_path "/x/c.sh 1"
            misc_timeout 3 }
    }
}
"""
    assert differences(text, text.replace(b"nb_get_retry", b"retry")) == set()
    assert ("changed", "real", "weight") in differences(text, text.replace(b"weight 3", b"weight 4"))
    assert ("changed", "scheduler", "") in differences(text, text.replace(b"rr", b"wlc"))
    assert ("lost", "entry", "192.0.2.1 80") in differences(text, text.replace(b"192.0.2.1 80", b""))
    assert ("changed", "command", "misc_path") in differences(text, text.replace(b"c.sh 1", b"c.sh 2"))
    assert {(c, k) for c, k, _ in differences(text, b"")} == {("lost", "server")}


def test_a_process_that_ends_is_a_difference() -> None:
    same = INSTANCE + INSTANCE.replace(b"GW", b"HW")
    found = compare(effect(INSTANCE), effect(same))
    assert "the process vrrp of keepalived ends" in {d.sentence for d in found}
    assert "the process vrrp of keepalived no longer ends" in {
        d.sentence for d in compare(effect(same), effect(INSTANCE))
    }


def test_a_gained_fact_and_a_whole_that_changes_have_sentences() -> None:
    assert Difference("group", "G", "", ("of A",), ("of A, B",)).sentence == "the sync group G is of A, B now"
    assert Difference("script", "c", "", (), ("runs",)).sentence == "the script c is new"
    assert Difference("setting", "A", "accept", (), ("on",)).sentence == "A: the setting accept is new"


@pytest.mark.parametrize(
    ("release", "argv", "shell"),
    [
        ("1.4.5", (b"/x/n.sh 'a b' \\$c",), True),
        ("2.0.0", (b"/x/n.sh", b"'a", b"b'", b"\\$c"), False),
        ("2.2.7", (b"/x/n.sh", b"a b", b"$c"), False),
        ("2.4.3", (b"/x/n.sh", b"a b", b"$c"), False),
    ],
)
def test_a_command_is_split_as_the_release_does(release: str, argv: tuple[bytes, ...], shell: bool) -> None:
    text = INSTANCE.replace(b"notify /etc/keepalived/default-route", b"notify_master \"/x/n.sh 'a b' \\$c\"")
    (action,) = effect(text, Release(*map(int, release.split(".")))).instances[0].actions
    assert (action.argv, action.shell) == (argv, shell)


def test_single_quotes_name_a_command_and_its_user_stands_behind_them() -> None:
    text = INSTANCE.replace(b"notify /etc/keepalived/default-route", b"notify_stop '/x/n.sh a' daemon adm")
    (action,) = effect(text).instances[0].actions
    assert (action.argv, action.user, action.group) == ((b"/x/n.sh", b"a"), b"daemon", b"adm")


def test_a_command_that_only_a_shell_understands_is_shown_with_it() -> None:
    assert "sh: /x/a | /x/b" in str(facts_of(effect(script(b"/x/a | /x/b"), OLD)))
    assert "sh: /x/a '" in str(facts_of(effect(script(b"/x/a '"), OLD)))
    assert compare(effect(script(b"/x/a  b"), OLD), effect(script(b"/x/a b"), OLD)) == ()


def script(command: bytes) -> bytes:
    return b'vrrp_script c {\n script "' + command + b'"\n interval 5\n}\n'


def test_what_the_host_has_decides_which_scripts_run() -> None:
    linked = Surroundings(linked=frozenset((b"/x",)))
    assert effect(script(b"/x/a"), Release(2, 3, 0), linked).checks == ()
    assert effect(script(b"/x/a"), NEW, linked).checks != ()
    assert effect(script(b"/x/a"), NEW, Surroundings(programs=frozenset())).checks == ()
    secure = b"global_defs { enable_script_security }\n" + script(b"/x/a")
    assert effect(secure, NEW, Surroundings(script_user=False)).checks == ()
    assert effect(secure).checks != ()
    assert effect(secure, NEW, Surroundings(script_user=True)).checks[0].command.user == b"keepalived_script"


def test_a_word_that_can_be_no_user_makes_the_release_drop_the_command() -> None:
    text = INSTANCE.replace(b"notify /etc", b"notify /x/a.sh ; /etc")
    assert effect(text, NEW).instances[0].actions == ()
    (kept,) = effect(text, OLD).instances[0].actions
    assert kept.argv == (b"/x/a.sh",)


def test_the_first_of_two_commands_counts_from_1_3_6_and_the_last_one_before() -> None:
    text = INSTANCE.replace(b"    notify ", b"    notify /x/first\n    notify ")
    assert effect(text, Release(1, 3, 9)).instances[0].actions[0].argv == (b"/x/first",)
    assert effect(text, OLD).instances[0].actions[0].argv == (b"/etc/keepalived/default-route",)


def test_what_is_said_of_all_commands_is_said_once() -> None:
    found = compare(effect(INSTANCE + script(b"/x/a"), OLD), effect(INSTANCE + script(b"/x/a"), NEW))
    assert [d.owner for d in found if d.kind in ("states", "umask")] == ["notify", "scripts"]
    one = effect(b"", OLD)
    assert [d for d in compare(one, effect(script(b"/x/a"), NEW)) if d.kind == "umask"] == []


def test_a_vmac_has_no_name_of_its_own_in_a_comparison() -> None:
    text = INSTANCE.replace(b"priority 150", b"priority 150\n use_vmac").replace(b" dev lan0", b"")
    assert differences(text, text.replace(b"use_vmac", b"use_vmac vrrp99")) == set()


def test_actions_tell_who_runs_them() -> None:
    shown = facts_of(effect(INSTANCE.replace(b"default-route", b"default-route nobody")))
    assert shown["command", "GW", "notify"] == ("/etc/keepalived/default-route INSTANCE GW <STATE> as nobody",)
    assert Action(b"notify", (b"/x",), False) < Action(b"notify", (b"/y",), False)


def test_a_brace_glued_to_a_name_is_no_other_instance() -> None:
    glued = INSTANCE.replace(b"GW {", b"GW{")
    found = compare(effect(glued, OLD), effect(glued, NEW))
    assert "instance" not in {d.kind for d in found}
    (command,) = [d for d in found if d.kind == "command"]
    assert "INSTANCE GW{ <STATE>" in command.old[0]
    assert "INSTANCE GW <STATE>" in command.new[0]
