"""An instance whose sync group cannot take both halves: half a split is never made, whatever is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.errors import UndecidedError
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site

MAIN = "/etc/keepalived/keepalived.conf"
ID = "v1_2_20/mixed_families/not-editable"
INSTANCE = b"""vrrp_instance GW {
    interface lan0
    virtual_router_id 17
    priority 150
    notify /etc/hook
    virtual_ipaddress {
        192.0.2.1/24
        2001:db8::1/64
    }
}
"""
TWICE = (
    b"vrrp_sync_group A {\n    group {\n        include members\n    }\n}\n"
    b"vrrp_sync_group B {\n    group {\n        include members\n    }\n}\n"
)
GROUP = b"vrrp_sync_group A {\n    group {\n        GW\n        OTHER\n    }\n%s"


def plan(tmp_path: Path, text: bytes, accept: bool = False, files: dict[str, bytes] | None = None, **cure: str) -> Plan:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    for name, content in {"keepalived.conf": text, **(files or {})}.items():
        (folder / name).write_bytes(content)
    (tmp_path / "etc/hook").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "etc/hook").chmod(0o755)
    chosen = Choices(MixedChoice(**cure), accept=frozenset({ID} if accept else ()))
    return upgrade(Site.open(MAIN, root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), chosen, daemon="")


def test_accepting_that_the_group_is_not_extended_makes_no_half_of_a_split(tmp_path: Path) -> None:
    members = {"members": b"GW\nOTHER\n"}
    undecided = plan(tmp_path / "1", TWICE + INSTANCE, files=members)
    (stuck,) = undecided.decisions()
    assert (stuck.id, str(stuck.place)) == (ID, "/etc/keepalived/members:1:1")
    assert stuck.message == (
        "GW is not split, and 2.2.7 ignores its addresses of one family: the sync group A would have to take both "
        "halves, but /etc/keepalived/members is included more than once"
    )
    assert "--instance GW:mixed=excluded" in stuck.cure
    with pytest.raises(UndecidedError):
        undecided.write()
    accepted = plan(tmp_path / "2", TWICE + INSTANCE, accept=True, files=members)
    assert (accepted.files, accepted.renames, accepted.decisions()) == ((), (), ())
    assert [f.severity for f in accepted.findings if f.id == ID] == [Severity.INFO]


def test_what_the_finding_proposes_helps(tmp_path: Path) -> None:
    members = {"members": b"GW\nOTHER\n"}
    excluded = plan(tmp_path / "1", TWICE + INSTANCE, files=members, cure="excluded")
    assert excluded.decisions() == ()
    assert b"virtual_ipaddress_excluded" in excluded.files[0].after
    written_out = plan(tmp_path / "2", GROUP % b"}\n" + INSTANCE, notify="group")
    assert written_out.decisions() == ()
    assert (
        b"        GW_v4\n        GW_v6\n        OTHER\n    }\n    notify /etc/hook\n}\n" in written_out.files[0].after
    )


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (GROUP % b"    include end\n" + INSTANCE, {"end": b"}\n"}),
        ((GROUP % b"}\n").replace(b"    }\n}", b"    } }") + INSTANCE, {}),
        (b"include group\ninclude group\n" + INSTANCE, {"group": GROUP % b"}\n"}),
    ],
    ids=["the brace stands in another file", "the brace shares its line", "the group is read twice"],
)
def test_hooks_that_the_group_cannot_be_given_keep_the_instance_whole(
    tmp_path: Path, text: bytes, files: dict[str, bytes]
) -> None:
    stuck = plan(tmp_path / "1", text, files=files, accept=True, notify="group")
    assert [f.id for f in stuck.findings if f.id.startswith("v1_2_20/mixed_families")] == [ID]
    assert (stuck.files, stuck.renames) == ((), ())


def test_a_brace_that_shares_its_line_is_no_obstacle_where_no_hook_moves(tmp_path: Path) -> None:
    text = (GROUP % b"}\n").replace(b"    }\n}", b"    } }") + INSTANCE
    assert b"GW_v4\n        GW_v6\n        OTHER\n    } }\n" in plan(tmp_path / "1", text).files[0].after
    without = text.replace(b"    notify /etc/hook\n", b"")
    assert plan(tmp_path / "2", without, notify="group").files[0].after.count(b"vrrp_instance") == 2
