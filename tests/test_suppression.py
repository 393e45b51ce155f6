"""`# keepalived-upgrade: ignore[ID]`: what it leaves out, never by half and never in silence."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import CASES, choices_of, lay_out, migration_of, name_of, plan_case, settings_of
from keepalived_upgrade import engine
from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.conf.dialect import dialect_of
from keepalived_upgrade.edits import Edit, NewFile, Text
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Choices, Context, Migration, MixedChoice, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.names import Rename
from keepalived_upgrade.plan import Plan, Result
from keepalived_upgrade.releases import Release, parse_release
from keepalived_upgrade.site import Site
from keepalived_upgrade.suppression import AREAS, covers, is_known, read_suppressions, touched_lines
from keepalived_upgrade.work import read_site
from test_upgrade_any import BLOCKS

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "keepalived_upgrade"
MAIN = "/etc/keepalived/keepalived.conf"
NEW = dialect_of(Release(2, 2, 7))
GATEWAY = b"""\
vrrp_instance GW {
    interface eth0
    virtual_router_id 1
    virtual_ipaddress {
        192.0.2.1/24
        fe80::1/64
    }
    notify /etc/n.sh
}
"""
SCRIPT = b'#!/bin/sh\n[ "$2" = GW ] && echo one\n[ "$2" = GW ] && echo two\n'
CONSTANT = b'#!/bin/sh\nNAME=GW\nif [ "$2" = "$NAME" ]; then\n    echo yes\nfi\n'


@pytest.fixture
def plan_of(tmp_path: Path) -> Callable[..., Plan]:
    def plan(config: bytes, script: bytes = SCRIPT, choices: Choices | None = None, source: str = "1.2.13") -> Plan:
        for path, text in {"etc/keepalived/keepalived.conf": config, "etc/n.sh": script}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(text)
            (tmp_path / path).chmod(0o755 if path.endswith(".sh") else 0o644)
        site = Site.open(MAIN, root=tmp_path)
        return upgrade(site, parse_release(source), Release(2, 2, 7), choices, daemon="")

    return plan


def ids(plan: Plan) -> list[str]:
    return [finding.id for finding in plan.findings]


def the(plan: Plan, id: str) -> Finding:
    (found,) = [finding for finding in plan.findings if finding.id == id]
    return found


def texts(plan: Plan) -> dict[str, bytes]:
    return {change.path: change.after for change in plan.files}


# -- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"a # keepalived-upgrade: ignore[names]", [(("names",), 1, 1)]),
        (b"a #keepalived-upgrade:ignore[ names , conf/nul-byte ] why", [(("names", "conf/nul-byte"), 1, 1)]),
        (b"# keepalived-upgrade: ignore[names]\r\na\r\n", [(("names",), 1, 2)]),
        (b"# keepalived-upgrade: ignore[names]\n# why\n\ta\n", [(("names",), 1, 3)]),
        (b"# keepalived-upgrade: ignore[names]\n\na\n", [(("names",), 1, 1)]),
        (b"# keepalived-upgrade: ignore[names]", [(("names",), 1, 1)]),
        (b"a\n# why # keepalived-upgrade: ignore[names]\nb", [(("names",), 2, 3)]),
        (b"see keepalived-upgrade: ignore[names]\n", []),
    ],
)
def test_a_comment_holds_for_its_line_or_the_one_below(source: bytes, expected: object) -> None:
    for dialect in (None, NEW, dialect_of(Release(1, 2, 2))):
        sheet = read_suppressions(source, dialect)
        assert [(one.ids, one.line, one.last) for one in sheet.suppressions] == expected
        assert sheet.malformed == ()


def test_comments_are_those_of_the_language() -> None:
    exclaimed = b"a ! keepalived-upgrade: ignore[names]\n"
    assert read_suppressions(exclaimed, NEW).suppressions
    assert not read_suppressions(exclaimed, None).suppressions
    quoted = b'a "b # keepalived-upgrade: ignore[names]"\n'
    assert not read_suppressions(quoted, NEW).suppressions
    assert read_suppressions(quoted, dialect_of(Release(1, 2, 13))).suppressions
    negated = b"# keepalived-upgrade: ignore[names]\n! [ $1 = GW ]\n[ $1 = GW ]\n"
    assert [one.last for one in read_suppressions(negated, None).suppressions] == [2]
    assert [one.last for one in read_suppressions(b"// # keepalived-upgrade: ignore[names]\nx\n", None).suppressions]


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        (b"ignore names", "not followed by ignore[ID]"),
        (b"ignore[names", "not followed by ignore[ID]"),
        (b"ignored[names]", "not followed by ignore[ID]"),
        (b"ignore[]", "an id is missing"),
        (b"ignore[names,]", "an id is missing"),
        (b"ignore[Names!]", "'Names!' is no id"),
        (b"ignore[\xff]", r"'\\xff' is no id"),
    ],
)
def test_what_cannot_be_understood_is_kept_for_a_finding(comment: bytes, why: str) -> None:
    sheet = read_suppressions(b"\n a # keepalived-upgrade: " + comment, NEW)
    assert [line for line, _ in sheet.malformed] == [2]
    assert why in sheet.malformed[0][1]


@given(st.binary(), st.sampled_from([None, NEW, dialect_of(Release(1, 2, 2))]))
def test_any_bytes_are_read_without_a_fault(noise: bytes, dialect: object) -> None:
    read_suppressions(noise + b"# keepalived-upgrade: " + noise, dialect)  # type: ignore[arg-type]


def test_an_id_is_one_of_a_migration_or_a_finding_or_begins_one() -> None:
    id = "v1_2_20/mixed_families/no-peer"
    good = ("mixed_families", "v1_2_20/mixed_families", "v1_2_20", id, "mixed_families/no-peer")
    assert all(covers(said, id) for said in good)
    assert not any(covers(said, id) for said in ("mixed", "no-peer", "v1_2", "mixed_families/no"))
    migrations = load_migrations()
    assert all(is_known(said, migrations) for said in (*good, "names", "names/shell", "conf/nul-byte"))
    assert not any(is_known(said, migrations) for said in ("mixed", "no-peer", "mixed_familys/x", "name"))


def test_the_areas_are_those_that_findings_have() -> None:
    """Every id that the code gives a finding begins with a known area or is a migration's."""
    used = set()
    for file in PACKAGE.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = {
            ast.unparse(node.targets[0]): node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "Finding" or not node.args:
                continue
            first = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            said = first.value if isinstance(first, ast.Constant) else constants.get(ast.unparse(first).strip("{}f'"))
            if isinstance(said, str):
                used.add(said.partition("/")[0])
    assert used - {"suppression", "choices"} == AREAS


def test_an_edit_touches_the_lines_it_changes_and_not_those_it_is_put_between() -> None:
    source = b"one\ntwo\nthree\n"

    def lines(start: int, end: int, new: bytes) -> tuple[int, int] | None:
        return touched_lines(source, Edit("/x", start, end, new, "m", "r"))

    assert lines(4, 7, b"2") == (2, 2)
    assert lines(4, 8, b"") == (2, 2)
    assert lines(2, 9, b"") == (1, 3)
    assert lines(4, 4, b"new\n") is None
    assert lines(0, 0, b"new\n") is None
    assert lines(0, 0, b"new") == (1, 1)
    assert lines(7, 7, b"!") == (2, 2)


def test_a_line_on_disk_is_found_again_after_edits() -> None:
    text = Text(b"one\ntwo\n")
    text.apply([Edit("/x", 0, 0, b"zero\n", "m", "r"), Edit("/x", 5, 6, b"W", "m", "r")])
    assert text.current == b"zero\none\ntWo\n"
    assert [text.origin(at) for at in (0, 5, 9, 10, 11, 13)] == [None, 0, 4, None, 6, None]


# -- configuration ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", [MixedChoice(), MixedChoice("excluded"), MixedChoice(names="keep")])
@pytest.mark.parametrize("on_the_line", [True, False])
def test_an_instance_stays_whole_and_keeps_its_name(
    plan_of: Callable[..., Plan], choice: MixedChoice, on_the_line: bool
) -> None:
    comment = b"# keepalived-upgrade: ignore[mixed_families]"
    config = GATEWAY.replace(b"{", b"{ " + comment, 1) if on_the_line else comment + b"\n" + GATEWAY
    second = GATEWAY.replace(b"GW", b"LAN").replace(b"_id 1", b"_id 2")
    plan = plan_of(config + second, choices=Choices(choice))
    assert config in texts(plan)[MAIN]
    assert [rename.old for rename in plan.renames] == ([b"LAN"] if choice.cure == "split" else [])
    assert "/etc/n.sh" not in texts(plan)
    assert not plan.failed_proofs()
    told = the(plan, "suppression/in-effect")
    assert (told.severity, told.place.path, told.place.line) == (Severity.INFO, MAIN, 1)
    assert "v1_2_20/mixed_families" in told.message
    assert "suppression/no-effect" not in ids(plan)


def test_any_line_that_the_split_changes_keeps_the_whole_instance(plan_of: Callable[..., Plan]) -> None:
    config = GATEWAY.replace(b"fe80::1/64", b"fe80::1/64 # keepalived-upgrade: ignore[v1_2_20/mixed_families]")
    plan = plan_of(config)
    assert plan.files == ()
    assert plan.renames == ()


def test_a_member_of_a_sync_group_stays_in_it(plan_of: Callable[..., Plan]) -> None:
    group = b"vrrp_sync_group G {\n    group {\n        GW # keepalived-upgrade: ignore[mixed_families]\n    }\n}\n"
    assert plan_of(GATEWAY + group).files == ()


def test_a_finding_is_dropped_and_the_edits_are_made(plan_of: Callable[..., Plan]) -> None:
    assert "v1_2_20/mixed_families/rolling-upgrade" in ids(plan_of(GATEWAY))
    plan = plan_of(b"! keepalived-upgrade: ignore[mixed_families/rolling-upgrade]\n" + GATEWAY)
    assert "v1_2_20/mixed_families/rolling-upgrade" not in ids(plan)
    assert len(plan.renames) == 1
    assert "1 finding, none of them to decide" in the(plan, "suppression/in-effect").message


def test_a_decision_that_is_dropped_is_counted_as_one(plan_of: Callable[..., Plan]) -> None:
    config = GATEWAY.replace(b"    notify", b"    unicast_peer {\n        192.0.2.9\n    }\n    notify")
    assert plan_of(config).decisions()
    plan = plan_of(b"# keepalived-upgrade: ignore[mixed_families/no-peer]\n" + config)
    assert not plan.decisions()
    assert "1 finding, 1 of them to decide" in the(plan, "suppression/in-effect").message


def test_what_the_reader_and_the_target_say_of_a_line_is_dropped_too(plan_of: Callable[..., Plan]) -> None:
    config = b"include /none.conf\nvrrp_instance A {\n    nb_get_retry 3\n    garp_interval_x 3\n}\n"
    said = [f.id for f in plan_of(config).findings if f.place.line]
    assert "conf/include-missing" in said
    hushed = config.replace(b"/none.conf", b"/none.conf # keepalived-upgrade: ignore[conf]")
    plan = plan_of(hushed)
    assert "conf/include-missing" not in ids(plan)
    assert "conf/include-missing" in the(plan, "suppression/in-effect").message


def test_what_the_target_does_otherwise_is_dropped_by_the_line_it_has_on_disk(plan_of: Callable[..., Plan]) -> None:
    secret = b"""vrrp_instance GW {
    version 3
    interface eth0
    virtual_router_id 1
    priority 50
    state BACKUP
    authentication {
        auth_type PASS
        # keepalived-upgrade: ignore[effect/secret-lost]
        auth_pass hunter2
    }
    virtual_ipaddress {
        192.0.2.1/24
    }
}
"""
    other = secret.replace(b"GW {", b"X {\n    lvs_sync_daemon_interface eth1").replace(b"router_id 1", b"router_id 2")
    plan = plan_of(b"# 1\n" + other.replace(b"192.0.2.1", b"192.0.2.2") + secret)
    told = [f for f in plan.findings if f.id.startswith(("effect/secret", "suppression/"))]
    assert [(f.id, f.place.line) for f in told] == [("suppression/in-effect", 26)]
    assert "leaves out 2 findings" in told[0].message
    assert "also by the comment on line 11" in told[0].message


def test_one_line_of_a_migration_is_left_and_the_others_change(plan_of: Callable[..., Plan]) -> None:
    group = (
        b"vrrp_sync_group A {\n    global_tracking\n}\n"
        b"vrrp_sync_group B {\n    global_tracking # keepalived-upgrade: ignore[global_tracking]\n}\n"
    )
    plan = plan_of(group)
    assert texts(plan)[MAIN] == group.replace(b"global_tracking", b"sync_group_tracking_weight", 1)
    assert "1 change of v2_0_0/global_tracking" in the(plan, "suppression/in-effect").message


def test_a_comment_that_a_split_copied_holds_in_the_copy(plan_of: Callable[..., Plan]) -> None:
    config = GATEWAY.replace(
        b"    interface", b"    # keepalived-upgrade: ignore[number_ranges]\n    garp_master_delay 0\n    interface"
    )
    plan = plan_of(config)
    assert texts(plan)[MAIN].count(b"garp_master_delay 0") == 2
    assert the(plan, "suppression/in-effect").place.line == 2
    assert "2 changes of v2_0_7/number_ranges" in the(plan, "suppression/in-effect").message
    assert "suppression/no-effect" not in ids(plan)


def test_two_comments_of_one_id_are_one_finding(plan_of: Callable[..., Plan]) -> None:
    comment = b"# keepalived-upgrade: ignore[mixed_families]\n"
    second = GATEWAY.replace(b"GW", b"LAN").replace(b"_id 1", b"_id 2")
    told = the(plan_of(comment + GATEWAY + comment + second), "suppression/in-effect")
    assert told.place.line == 1
    assert "also by the comment on line 11" in told.message


def test_stale_unknown_and_malformed_comments_are_seen(plan_of: Callable[..., Plan]) -> None:
    config = (
        b"# keepalived-upgrade: ignore[nb_get_retry]\n"
        b"# keepalived-upgrade: ignore[mixed_familes]\n"
        b"# keepalived-upgrade: ignore[xyzzy, keywords]\n"
        b"# keepalived-upgrade: ignore(names)\n"
    )
    plan = plan_of(config + GATEWAY, SCRIPT + b"# keepalived-upgrade: ignore[names]\n")
    stale = [(f.place.path, f.place.line) for f in plan.findings if f.id == "suppression/no-effect"]
    assert stale == [(MAIN, 1), (MAIN, 3), ("/etc/n.sh", 4)]
    malformed = [f for f in plan.findings if f.id == "suppression/malformed"]
    assert [(f.severity, f.place.line) for f in malformed] == [(Severity.REVIEW, line) for line in (2, 3, 4)]
    assert "ignore[mixed_families]" in malformed[0].cure
    assert "list" in malformed[1].cure
    assert len(plan.renames) == 1


# -- scripts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", [b"names", b"names/shell", b"mixed_families", b"v1_2_20/mixed_families"])
def test_one_test_in_a_script_is_left_and_the_proof_tells(plan_of: Callable[..., Plan], id: bytes) -> None:
    script = SCRIPT.replace(b"echo two", b"echo two # keepalived-upgrade: ignore[" + id + b"]")
    plan = plan_of(GATEWAY, script)
    first, second = texts(plan)["/etc/n.sh"].splitlines()[1:]
    assert b"GW_v6" in first
    assert second == script.splitlines()[2]
    (proof,) = [proof for proof in plan.proofs if proof.name == "names"]
    assert proof.result is Result.PASSED
    assert "except 1 left by comments in the scripts: /etc/n.sh:3 tests GW" in proof.detail
    assert "1 change of names/shell (GW is now GW_v4 and GW_v6.)" in the(plan, "suppression/in-effect").message


def test_a_test_that_no_comment_covers_still_fails_the_proof(plan_of: Callable[..., Plan]) -> None:
    odd = b'test "$2" = GW -a "$3" = x -o "$2" = GW # keepalived-upgrade: ignore[names/shell/not-rewritten]\n'
    script = b"#!/bin/sh\n" + odd + odd.partition(b" #")[0] + b"\n"
    plan = plan_of(GATEWAY, script)
    (proof,) = [proof for proof in plan.proofs if proof.name == "names"]
    assert proof.result is Result.FAILED
    assert "/etc/n.sh:3 tests GW" in proof.detail
    assert "left by comments in the scripts: /etc/n.sh:2 tests GW" in proof.detail
    assert [f.place.line for f in plan.decisions()] == [3, 3]


@pytest.mark.parametrize("line", [2, 3])
def test_a_constant_and_its_tests_stay_together(plan_of: Callable[..., Plan], line: int) -> None:
    assert "/etc/n.sh" in texts(plan_of(GATEWAY, CONSTANT))
    lines = CONSTANT.splitlines(keepends=True)
    lines[line - 1 : line - 1] = [b"# keepalived-upgrade: ignore[names]\n"]
    plan = plan_of(GATEWAY, b"".join(lines))
    assert "/etc/n.sh" not in texts(plan)
    assert not plan.failed_proofs()
    assert "2 changes of names/shell" in the(plan, "suppression/in-effect").message


def test_lines_left_with_a_constant_are_found_behind_lines_that_grew(plan_of: Callable[..., Plan]) -> None:
    script = b'#!/bin/sh\n[ "$2" = GW ] \\\n && echo a\n' + CONSTANT[len(b"#!/bin/sh\n") :]
    script = script.replace(b'"$NAME" ]; then', b'"$NAME" ]; then # keepalived-upgrade: ignore[names]')
    plan = plan_of(GATEWAY, script)
    assert b"NAME=GW\n" in texts(plan)["/etc/n.sh"]
    assert not plan.failed_proofs()


@pytest.mark.parametrize("shebang", [b"#!/usr/bin/python3\n", b"#!/usr/bin/python\nprint 1\n"])
@pytest.mark.parametrize("where", [b"NAME = 'GW'", b"    print('yes')"])
def test_a_constant_in_python_too(plan_of: Callable[..., Plan], shebang: bytes, where: bytes) -> None:
    script = shebang + b"import sys\nNAME = 'GW'\nif sys.argv[2] == NAME:\n    print('yes')\n"
    assert b"in NAME" in texts(plan_of(GATEWAY, script))["/etc/n.sh"]
    comment = b"  # keepalived-upgrade: ignore[names]"
    if where.startswith(b"    "):
        where = b"if sys.argv[2] == NAME:"
    plan = plan_of(GATEWAY, script.replace(where, where + comment))
    assert "/etc/n.sh" not in texts(plan)
    assert not plan.failed_proofs()


# -- every migration ----------------------------------------------------------------------------------------------


def _lines_changed(plan: Plan, main: str) -> list[int]:
    """The lines of the main file that some edit touches."""
    found: set[int] = set()
    for change in plan.files:
        if change.path == main and change.before is not None:
            for one in change.changes:
                edit = Edit(main, one.start, one.end, one.new, "", "")
                first, last = touched_lines(change.before, edit) or (1, 0)
                found.update(range(first, last + 1))
    return sorted(found)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_whatever_line_of_a_migration_is_ignored_nothing_is_done_by_half(case: Path, tmp_path: Path) -> None:
    """A line is ignored, the result written, the comment taken away: what is then done is all that was left out."""
    settings = settings_of(case)
    main = settings.get("config", MAIN)
    id, choices = migration_of(case), choices_of(case)
    whole = lay_out(case, tmp_path / "whole")
    wanted = plan_case(whole, settings, choices)
    for line in _lines_changed(wanted, main):
        root = lay_out(case, tmp_path / f"line{line}")
        file = root / main[1:]
        lines = file.read_bytes().split(b"\n")
        comment = b"# keepalived-upgrade: ignore[" + id.encode() + b"]" + (b"\r" if lines[0].endswith(b"\r") else b"")
        file.write_bytes(b"\n".join([*lines[: line - 1], comment, *lines[line - 1 :]]))
        plan = plan_case(root, settings, choices)
        assert not plan.failed_proofs() or settings.get("proof_fails")
        assert "suppression/in-effect" in ids(plan), line
        assert comment + b"\n" + lines[line - 1] in texts(plan).get(main, file.read_bytes()), line
        for change in plan.files:
            (root / change.path[1:]).write_bytes(change.after)
        names = {s.args[0] for s in read_site(Site.open(main, root=root), Release(2, 2, 7)).instances() if s.args}
        assert all(rename.old not in names or rename.old in rename.names() for rename in plan.renames)
        new = [change for change in plan.files if change.before is None]
        assert all(change.path.encode() in file.read_bytes() for change in new)
        file.write_bytes(file.read_bytes().replace(comment + b"\n", b""))
        rest = plan_case(root, settings, choices)
        both = texts(plan) | {main: file.read_bytes()} | texts(rest)
        assert both == {main: (whole / main[1:]).read_bytes()} | texts(wanted), line


@pytest.mark.parametrize(
    ("source", "id", "config"),
    [
        (
            "1.2.13",
            b"lvs_sync_daemon_interface",
            b"vrrp_instance A {\n    lvs_sync_daemon_interface eth0\n}\n"
            b"vrrp_instance B {\n    lvs_sync_daemon_interface eth1 #\n}\n",
        ),
        ("1.2.13", b"native_ipv6", b"vrrp_instance A { #\n    native_ipv6\n    virtual_ipaddress {\n        fe80::1\n    }\n}\n"),
        ("1.3.9", b"scripts_without_shell", b'vrrp_instance A {\n    notify_master "/a | /b" #\n}\n'),
        ("2.0.0", b"status_code", b"virtual_server 10.0.0.1 80 {\n    real_server 10.0.0.2 80 {\n        HTTP_GET {\n"
         b"            url { #\n                path /\n            }\n        }\n    }\n}\n"),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_left_out_with_the_line(
    plan_of: Callable[..., Plan], source: str, id: bytes, config: bytes
) -> None:
    """A line that is added in another block, a new file, a line below: none of them touches the line itself."""
    only = Choices(only=frozenset({id.decode()}))
    assert plan_of(config, choices=only, source=source).files
    plan = plan_of(config.replace(b"#", b"# keepalived-upgrade: ignore[" + id + b"]"), choices=only, source=source)
    assert plan.files == ()
    assert [f.id for f in plan.findings if id.decode() in f.id] == []
    assert id.decode() in the(plan, "suppression/in-effect").message


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_new_file_or_a_rename_is_never_yielded_alone(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs to an edit elsewhere is in one Together with it, or a comment could leave out the one without the other."""
    yielded: list[Outcome] = []

    def recorded(migration: Migration) -> Migration:
        def run(config: Config, context: Context) -> Iterator[Outcome]:
            for outcome in migration.run(config, context):
                yielded.append(outcome)
                yield outcome

        return replace(migration, run=run)

    monkeypatch.setattr(engine, "load_migrations", lambda: tuple(map(recorded, load_migrations())))
    settings = settings_of(case)
    plan_case(lay_out(case, tmp_path / "root"), settings, Choices())
    assert not [outcome for outcome in yielded if isinstance(outcome, (NewFile, Rename))]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(BLOCKS, min_size=1, max_size=3).map(b"".join),
    st.sampled_from(["1.2.2", "1.2.13", "1.3.9"]),
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from([m.id for m in load_migrations()] + ["conf", "v1_2_20"])),
        max_size=4,
    ),
)
def test_any_configuration_with_comments_anywhere_proves_as_well_as_without(
    text: bytes, source: str, comments: list[tuple[int, str]]
) -> None:
    def failed(text: bytes) -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "k.conf").write_bytes(text)
            plan = upgrade(Site.open("/k.conf", root=folder), parse_release(source), Release(2, 4, 3), daemon="")
            assert not [f for f in plan.findings if f.id.endswith("/failed")]
            return {proof.name for proof in plan.failed_proofs()}

    lines = text.split(b"\n")
    for at, id in comments:
        lines.insert(min(at, len(lines)), b"# keepalived-upgrade: ignore[" + id.encode() + b"]")
    assert failed(b"\n".join(lines)) <= failed(text)
