"""The engine: order, second run, provenance, and what happens when one migration or one file is bad."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepalived_upgrade import engine
from keepalived_upgrade.edits import Edit, NewFile
from keepalived_upgrade.engine import choose_migrations, upgrade
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.migration import Choices, Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.plan import Plan, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import Work, read_views

LATER = Release(2, 0, 0)
MAIN = "/etc/keepalived/keepalived.conf"


def rename_keyword(old: bytes, new: bytes, release: Release, id: str) -> Migration:
    def run(config: Config, context: Context) -> Iterator[Outcome]:
        for statement in config.tree.walk():
            if statement.keyword == old:
                word = statement.words[0]
                yield Edit(word.path, word.start, word.end, new, id, f"{old.decode()} is {new.decode()} now.")

    return Migration(id, release, (("x", "1"),), "vrrp", "rewrites", f"Rename {old.decode()}.", run)


def make(id: str, outcome: object, release: Release = LATER) -> Migration:
    def run(config: Config, context: Context) -> Iterator[Outcome]:
        if isinstance(outcome, Exception):
            raise outcome
        yield outcome  # type: ignore[misc]

    return Migration(id, release, (("x", "1"),), "vrrp", "rewrites", "Do.", run)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    (folder / "keepalived.conf").write_bytes(b"alpha 1 # keep\ninclude more.conf\n")
    (folder / "more.conf").write_bytes(b"alpha 2\n")
    return Site.open(MAIN, root=tmp_path)


def run(site: Site, monkeypatch: pytest.MonkeyPatch, *migrations: Migration, choices: Choices | None = None) -> Plan:
    monkeypatch.setattr(engine, "load_migrations", lambda: migrations)
    return upgrade(site, Release(1, 2, 13), Release(2, 2, 7), choices, daemon="")


def test_migrations_run_in_order_each_on_the_text_before_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = rename_keyword(b"alpha", b"beta", Release(1, 3, 0), "v1_3_0/first")
    second = rename_keyword(b"beta", b"gamma", Release(2, 0, 0), "v2_0_0/second")
    plan = run(site, monkeypatch, first, second)
    assert {f.path: f.after for f in plan.files} == {
        MAIN: b"gamma 1 # keep\ninclude more.conf\n",
        "/etc/keepalived/more.conf": b"gamma 2\n",
    }
    (change,) = plan.files[0].changes
    assert [migration for migration, _ in change.because] == ["v1_3_0/first", "v2_0_0/second"]
    assert {p.name: p.result for p in plan.proofs}["second run"] is Result.PASSED
    assert plan.ran == ("v1_3_0/first", "v2_0_0/second")
    assert [path for path, _ in plan.read] == [MAIN, "/etc/keepalived/more.conf"]


def test_a_migration_outside_the_two_releases_does_not_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    later = rename_keyword(b"alpha", b"beta", Release(2, 3, 0), "v2_3_0/later")
    assert run(site, monkeypatch, later).files == ()


def test_a_second_run_that_would_change_more_fails_the_proof(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    never = make("v2_0_0/never", Edit(MAIN, 0, 0, b"x", "v2_0_0/never", "Why."))
    plan = run(site, monkeypatch, never)
    assert [p.name for p in plan.failed_proofs()] == ["second run"]


def test_a_migration_that_cannot_take_what_it_left_fails_the_proof(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def once(config: Config, context: Context) -> Iterator[Outcome]:
        if config.tree.sources[MAIN].startswith(b"x"):
            raise ValueError("what is this?")
        yield Edit(MAIN, 0, 0, b"x", "v2_0_0/once", "Why.")

    plan = run(
        site, monkeypatch, Migration("v2_0_0/once", Release(2, 0, 0), (("x", "1"),), "vrrp", "rewrites", "Do.", once)
    )
    assert [p.name for p in plan.failed_proofs()] == ["second run"]


def test_a_failing_migration_becomes_a_decision_and_the_others_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = make("v1_3_0/bad", ValueError("odd"), Release(1, 3, 0))
    good = rename_keyword(b"alpha", b"beta", Release(2, 0, 0), "v2_0_0/good")
    plan = run(site, monkeypatch, bad, good)
    assert [f.id for f in plan.decisions()] == ["v1_3_0/bad/failed"]
    assert len(plan.files) == 2


def test_edits_that_overlap_become_a_decision_and_change_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(config: Config, context: Context) -> Iterator[Outcome]:
        yield Edit("/etc/keepalived/more.conf", 0, 1, b"", "v2_0_0/both", "a")
        yield Edit(MAIN, 0, 5, b"x", "v2_0_0/both", "a")
        yield Edit(MAIN, 2, 6, b"y", "v2_0_0/both", "b")

    plan = run(site, monkeypatch, Migration("v2_0_0/both", Release(2, 0, 0), (), "vrrp", "rewrites", "Do.", both))
    assert plan.files == ()
    assert [f.id for f in plan.decisions()] == ["v2_0_0/both/failed"]


def test_a_new_file_is_part_of_the_plan_and_its_syntax_is_proved(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    new = NewFile("/etc/keepalived/x.sh", b"#!/bin/sh\nif\n", 0o755, "root", "root", "v2_0_0/new", "Why.")

    def once(config: Config, context: Context) -> Iterator[Outcome]:
        if not context.host.exists(new.path):
            yield new

    plan = run(site, monkeypatch, Migration("v2_0_0/new", Release(2, 0, 0), (), "scripts", "rewrites", "Do.", once))
    (file,) = plan.files
    assert (file.before, file.mode, file.owner) == (None, 0o755, "root")
    assert [p.name for p in plan.failed_proofs()] == ["scripts"]


def test_one_file_made_with_two_texts_becomes_a_decision(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(config: Config, context: Context) -> Iterator[Outcome]:
        for text in (b"#!/bin/sh\n:\n", b"#!/bin/sh\n:\n", b"#!/bin/sh\nfalse\n"):
            yield NewFile("/etc/keepalived/x.sh", text, 0o755, "root", "root", "v2_0_0/twice", "Why.")

    plan = run(site, monkeypatch, Migration("v2_0_0/twice", LATER, (), "scripts", "rewrites", "Do.", twice))
    assert plan.files == ()
    assert [f.id for f in plan.decisions()] == ["v2_0_0/twice/failed"]


def test_a_name_in_a_script_that_the_upgrade_itself_creates_is_followed(site: Site) -> None:
    """The command names the instance, becomes a script of its own, and the split then renames the instance in it."""
    text = (
        b'vrrp_script chk {\n    script "[ $NAME = GW ] && /bin/x"\n}\nvrrp_instance GW {\n    interface eth0\n'
        b"    virtual_router_id 1\n    virtual_ipaddress {\n        192.0.2.1/24\n        2001:db8::1/64\n    }\n}\n"
    )
    (Path(site.root) / MAIN[1:]).write_bytes(text)
    plan = upgrade(Site.open(MAIN, root=site.root), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    wrapper = next(file.after for file in plan.files if file.path.endswith("/chk-script.sh"))
    assert b"GW_v4" in wrapper
    assert b"GW_v6" in wrapper
    assert not plan.failed_proofs()


def test_an_accepted_decision_no_longer_blocks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = make("v2_0_0/asks", Finding("v2_0_0/asks/what", Severity.DECISION, Place(MAIN, 1), "Which?", "Say."))
    assert run(site, monkeypatch, asks).decisions()
    plan = run(site, monkeypatch, asks, choices=Choices(accept=frozenset({"v2_0_0/asks/what"})))
    assert not plan.decisions()
    assert plan.findings[-1].message.startswith("accepted: ")


def test_what_the_target_cannot_read_fails_the_proof(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks = rename_keyword(b"alpha", b"}", Release(2, 0, 0), "v2_0_0/breaks")
    plan = run(site, monkeypatch, breaks)
    assert "re-parse" in [p.name for p in plan.failed_proofs()]


def test_only_and_skip_choose_and_a_wrong_id_is_refused() -> None:
    source, target = Release(1, 2, 13), Release(2, 4, 3)
    everything, nothing = choose_migrations(source, target, Choices())
    assert nothing == ()
    one = everything[0].id
    assert choose_migrations(source, target, Choices(only=frozenset({one})))[0] == everything[:1]
    assert choose_migrations(source, target, Choices(skip=frozenset({one}))) == (everything[1:], (one,))
    with pytest.raises(InputError, match="no migration"):
        choose_migrations(source, target, Choices(only=frozenset({"mixed-familys"})))


def test_every_node_that_conditions_tell_apart_is_migrated(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"@n1 alpha 1\n@^n1 alpha 2\n@n2 alpha 3\n"
    (Path(site.root) / MAIN[1:]).write_bytes(text)
    site = Site.open(MAIN, root=site.root, config_id="n1")
    work = Work(site)
    assert [view.config_id for view in read_views(work, Release(2, 2, 7))] == [b"n1", b"n2", b""]
    monkeypatch.setattr(
        engine, "load_migrations", lambda: (rename_keyword(b"alpha", b"beta", Release(2, 1, 0), "v2_1_0/x"),)
    )
    plan = upgrade(site, Release(2, 0, 0), Release(2, 2, 7), daemon="")
    assert plan.files[0].after == text.replace(b"alpha", b"beta")


def test_a_node_that_only_another_node_includes_conditions_for_is_seen(site: Site) -> None:
    (Path(site.root) / MAIN[1:]).write_bytes(b"@^n1 include more.conf\n")
    (Path(site.root) / "etc/keepalived/more.conf").write_bytes(b"@n2 alpha 1\n@n1 alpha 2\n")
    site = Site.open(MAIN, root=site.root, config_id="n1")
    assert [view.config_id for view in read_views(Work(site), Release(2, 2, 7))] == [b"n1", b"", b"n2"]


def test_what_only_the_target_misses_is_said_beside_what_the_source_missed_too(site: Site) -> None:
    """2.2.7 reads `includer`, which the old release does not know; both include lines name files that are not there."""
    (Path(site.root) / MAIN[1:]).write_bytes(b"include gone.conf\nincluder gone-too.conf\n")
    plan = upgrade(Site.open(MAIN, root=site.root), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    missing = [(f.id, f.place.line) for f in plan.findings if f.id.startswith("conf/include")]
    assert missing == [("conf/include-missing", 1), ("conf/include-missing", 2)]


def test_findings_have_the_lines_of_the_files_on_disk(tmp_path: Path) -> None:
    """A later migration reads the text that an earlier one left, where lines have moved; nobody else sees that text."""
    text = (
        "vrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    priority 400\n    virtual_ipaddress {\n"
        "        192.0.2.1/24\n        2001:db8::1/64\n    }\n}\n"
        "vrrp_instance B {\n    interface eth1\n    virtual_router_id 2\n    priority 500\n}\n"
    )
    (tmp_path / "k.conf").write_text(text)
    plan = upgrade(Site.open("/k.conf", root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert b"A_v6" in plan.files[0].after
    found = [(f.place.line, f.message.split()[1]) for f in plan.findings if f.id.endswith("out-of-range")]
    # The second one stands in the copy that became the IPv6 half, and is said where that was put.
    assert found == [(4, "400"), (10, "400"), (13, "500")]


def test_more_nodes_than_are_worth_reading_are_a_decision(site: Site) -> None:
    lines = b"".join(b"@n%d alpha %d\n" % (number, number) for number in range(20))
    padding = b"# " + b"x" * 512 * 1024 + b"\n"
    (Path(site.root) / MAIN[1:]).write_bytes(padding + lines)
    views = read_views(Work(Site.open(MAIN, root=site.root, config_id="n3")), Release(2, 2, 7))
    assert len(views) == 10
    assert [f.id for f in views[0].tree.findings] == ["conf/too-many-ids"]


def test_what_cannot_be_read_below_a_given_folder_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.scandir

    def refuse(folder: str) -> Iterator[os.DirEntry[str]]:
        if str(folder).endswith("/closed"):
            raise PermissionError(13, "Permission denied", folder)
        return opened(folder)

    tools = Path(site.root) / "opt/tools"
    (tools / "closed").mkdir(parents=True)
    (tools / "small").write_bytes(b"#!/bin/sh\n")
    with open(tools / "large", "wb") as file:
        file.truncate(65 * 1024 * 1024)
    monkeypatch.setattr(os, "scandir", refuse)
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), scripts=["/opt/tools"], daemon="")
    (finding,) = [f for f in plan.findings if f.id == "names/not-searched"]
    assert "/opt/tools/closed, /opt/tools/large cannot be read" in finding.message
    monkeypatch.setattr("keepalived_upgrade.dependents.carry._MOST_FILES", 1)
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), scripts=["/opt"], daemon="")
    assert [f.place.path for f in plan.findings if f.id == "names/not-searched"] == ["/opt"]
