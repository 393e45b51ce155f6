"""The usual places of a host: which files are followed, which are only reported, and which are left in peace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keepalived_upgrade.dependents import elsewhere, places
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site

CONFIG = """global_defs {
    notify_fifo /run/vrrp.fifo
}
vrrp_instance %s {
    interface eth0
    virtual_router_id 5
    virtual_ipaddress {
        192.0.2.1/24
        2001:db8::1/64
    }
    notify /srv/vrrp/notify
}
"""
TEST = '#!/bin/sh\n[ "$2" = GW ] && up\n'
FOLLOWED = '{ [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; }'


def make(root: Path, files: dict[str, str], name: str = "GW") -> Site:
    for path, text in {
        "/etc/keepalived/keepalived.conf": CONFIG % name,
        "/srv/vrrp/notify": "#!/bin/sh\n:\n",
        **files,
    }.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Site.open("/etc/keepalived/keepalived.conf", root=root)


def plan_for(root: Path, files: dict[str, str], name: str = "GW") -> Plan:
    return upgrade(make(root, files, name), Release(1, 2, 13), Release(2, 2, 7), daemon="")


def at_places(plan: Plan) -> list[Finding]:
    return [finding for finding in plan.findings if finding.id.startswith("names/places/")]


def after(plan: Plan, path: str) -> str | None:
    return next((change.after.decode() for change in plan.files if change.path == path), None)


# Files that are keepalived's by their path, and what becomes of them.
@pytest.mark.parametrize(
    "path",
    ["/etc/keepalived/check", "/etc/keepalived/sub/check", "/etc/init.d/keepalived", "/usr/local/bin/keepalived-check"],
)
def test_a_script_of_keepalived_at_its_usual_place_is_rewritten_though_no_command_names_it(
    tmp_path: Path, path: str
) -> None:
    plan = plan_for(tmp_path, {path: TEST})
    assert FOLLOWED in (after(plan, path) or "")
    assert not at_places(plan)


def test_a_unit_that_is_reached_through_links_is_reported_once(tmp_path: Path) -> None:
    unit = "[Service]\nExecStartPost=/x GW\n"
    site = make(tmp_path, {"/usr/lib/systemd/system/keepalived.service": unit})
    (tmp_path / "lib").symlink_to("usr/lib")
    (tmp_path / "etc/systemd/system/multi-user.target.wants").mkdir(parents=True)
    link = tmp_path / "etc/systemd/system/multi-user.target.wants/keepalived.service"
    link.symlink_to("/lib/systemd/system/keepalived.service")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    found = [f for f in plan.findings if f.id.startswith("names/")]
    assert [(f.id, f.place.path) for f in found] == [
        ("names/systemd/command", "/usr/lib/systemd/system/keepalived.service")
    ]


def test_what_reads_the_fifo_of_the_configuration_is_rewritten(tmp_path: Path) -> None:
    reader = '#!/bin/sh\nwhile read -r k n s p; do [ "$n" = GW ] && up; done </run/vrrp.fifo\n'
    plan = plan_for(tmp_path, {"/usr/local/sbin/vips": reader})
    assert '{ [ "$n" = GW_v4 ] || [ "$n" = GW_v6 ]; }' in (after(plan, "/usr/local/sbin/vips") or "")


def test_a_script_that_a_file_of_keepalived_leads_to_is_rewritten(tmp_path: Path) -> None:
    unit = "[Service]\nExecStartPost=/srv/vrrp/post GW\n"
    plan = plan_for(tmp_path, {"/etc/systemd/system/keepalived.service.d/post.conf": unit, "/srv/vrrp/post": TEST})
    assert FOLLOWED in (after(plan, "/srv/vrrp/post") or "")
    found = [f for f in plan.findings if f.id == "names/systemd/command"]
    assert [(f.place.path, f.place.line) for f in found] == [("/etc/systemd/system/keepalived.service.d/post.conf", 2)]


def test_rules_of_prometheus_are_rewritten_where_they_stand(tmp_path: Path) -> None:
    rules = 'groups:\n- rules:\n  - expr: keepalived_vrrp_state{iname="GW"} != 2\n'
    plan = plan_for(tmp_path, {"/etc/prometheus/rules/vrrp.yml": rules})
    assert after(plan, "/etc/prometheus/rules/vrrp.yml") == rules.replace('="GW"', '=~"GW_v4|GW_v6"')
    assert not at_places(plan)
    assert not plan.failed_proofs()
    assert "/etc/prometheus/rules/vrrp.yml" in dict(plan.read)


# path | text | what the one finding says of it
REPORTED = [
    ("/etc/systemd/system/vips.service", "[Unit]\nDescription=vrrp\n[Service]\nExecStart=/x GW\n", "systemd", "line 4"),
    ("/etc/cron.d/vips", "* * * * * root /srv/vrrp/notify INSTANCE GW MASTER\n", "cron", "line 1"),
    ("/var/spool/cron/crontabs/root", "# vrrp\n@reboot /x GW\n", "cron", "line 2"),
    ("/etc/sudoers.d/vips", "# for keepalived\nn ALL=NOPASSWD: /x GW\n", "sudoers", "line 2"),
    ("/etc/default/vips", "VRRP_INSTANCE=GW\n", "environment", "line 1"),
    ("/etc/logrotate.d/vips", "/var/log/vrrp/GW.log {\n}\n", "logrotate", "line 1"),
    ("/etc/rsyslog.d/vips.conf", ':msg, contains, "VRRP_Instance(GW)" /var/log/x\n', "text", "line 1"),
    ("/etc/monit/conf.d/vips", 'check program vrrp with path "/x GW"\n', "monit", "line 1"),
    ("/etc/nagios/nrpe.d/vips.cfg", "command[vrrp]=/x GW\ncommand[b]=/x GW\n", "monitoring", "lines 1, 2"),
    ("/etc/zabbix/zabbix_agentd.d/v.conf", "UserParameter=vrrp[GW],/x GW\n", "monitoring", "line 1"),
    ("/etc/telegraf/telegraf.d/v.conf", '[[inputs.exec]]\ncommands = ["/x keepalived GW"]\n', "toml", "line 2"),
    ("/etc/prometheus/v.yml", "- labels: {iname: GW}\n", "yaml", "line 1"),
    ("/etc/grafana/v.json", '{"title": "vrrp of GW"}', "json", "line 1"),
    ("/etc/confd/templates/v.tmpl", "vrrp_instance GW {\n", "template", "line 1"),
    ("/usr/local/bin/vips", "#!/bin/sh\n# asks keepalived\n" + '[ "$1" = GW ] && up\n', "shell", "line 3"),
    ("/usr/local/bin/vips.py", '# asks keepalived\nif n == "GW": up()\n', "python", "line 2"),
    ("/usr/lib/nagios/plugins/vrrp", "#!/usr/bin/perl\nup() if $vrrp eq 'GW';\n", "perl", "line 2"),
    ("/etc/keepalived/keepalived.conf.other", "vrrp_instance GW {\n}\n", "text", "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "language", "lines"), REPORTED)
def test_what_is_not_keepalived_s_is_one_finding_to_review(
    tmp_path: Path, path: str, text: str, language: str, lines: str
) -> None:
    plan = plan_for(tmp_path, {path: text})
    assert after(plan, path) is None
    (found,) = at_places(plan)
    assert (found.id, found.place.path, found.severity) == (f"names/places/{language}", path, Severity.REVIEW)
    assert f"on {lines} (GW is now GW_v4 and GW_v6)" in found.message
    assert found.place.line == int(lines.split()[1].rstrip(","))
    assert path not in dict(plan.read)


def test_the_cure_gives_the_lines_to_write(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, {"/etc/cron.d/vips": "* * * * * root /srv/vrrp/notify GW\n"})
    assert at_places(plan)[0].cure == (
        "Line 1: Write `* * * * * root /srv/vrrp/notify GW_v4` and `* * * * * root /srv/vrrp/notify GW_v6` in its place."
    )
    plan = plan_for(tmp_path, {"/etc/cron.d/vips": TEST.replace("GW ]", "GW ] # vrrp")})
    assert at_places(plan)[0].cure.startswith("Give it with --scripts /etc/cron.d/vips,")


# name of the instance | path | text: none of them is keepalived's
IN_PEACE = [
    ("GW", "/etc/network/if-up.d/route", "#!/bin/sh\n[ \"$GW\" ] && ip route add default via $GW\n# GW\nGW=1\n"),
    ("GW", "/etc/cron.d/x", "# keepalived\n* * * * * root /x GWX my_GW GW_v4\n"),
    ("GW", "/etc/cron.d/x", "# keepalived GW\n* * * * * root /x\n"),
    ("eth1", "/etc/default/net", "# keepalived runs here\nINTERFACE=eth1\n"),
    ("eth1", "/etc/systemd/system/ifup@eth1.service", "[Service]\nExecStart=/sbin/ifup eth1\n"),
    ("eth1", "/etc/cron.d/x", "* * * * * root /x keepalived-eth1 eth1.5\n"),
    ("web", "/etc/logrotate.d/web", "/var/log/web/access.log {\n # not of keepalived\n}\n"),
    ("42", "/etc/cron.d/x", "# keepalived\n42 * * * * root /x\n"),
    ("vrrp", "/etc/cron.d/x", "* * * * * root /x vrrp\n"),
    ("keepalived", "/etc/logrotate.d/all", "/var/log/keepalived {\n}\n"),
    ("vips", "/etc/rsyslog.d/x.conf", "# keepalived\n:msg, contains, \"vips\" /var/log/x\n"),
    ("VI_1", "/etc/cron.d/x", "# keepalived\n* * * * * root /x VI_10 DNS_VI_1 VI_1_v4\n"),
    ("VIP", "/etc/default/named", "# keepalived\nDNS_VIP=192.0.2.7\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "text"), IN_PEACE)
def test_a_name_that_stands_there_by_chance_is_left_in_peace(tmp_path: Path, name: str, path: str, text: str) -> None:
    plan = plan_for(tmp_path, {path: text}, name)
    assert plan.renames
    assert after(plan, path) is None
    assert not at_places(plan)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("VI_1", "* * * * * root /x VI_1\n"),
        ("web_1", "* * * * * root /x web_1\n"),
        ("eth1", "* * * * * root /srv/vrrp/notify INSTANCE eth1\n"),
        ("web", "* * * * * root /x --vrrp web\n"),
        ("vrrp", "* * * * * root /usr/local/bin/ask-keepalived vrrp\n"),
        ("GW", "# /srv/vrrp/notify\n* * * * * root /x GW\n"),
    ],
)
def test_a_name_is_reported_where_something_says_whose_it_is(tmp_path: Path, name: str, text: str) -> None:
    plan = plan_for(tmp_path, {"/etc/anacrontab": text}, name)
    assert [(f.id, f.place.path) for f in at_places(plan)] == [("names/places/cron", "/etc/anacrontab")]


def test_a_unit_that_is_called_after_the_instance_is_reported(tmp_path: Path) -> None:
    site = make(tmp_path, {"/etc/systemd/system/vrrp@.service": "[Service]\nExecStart=/x %i\n"})
    wants = tmp_path / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "vrrp@GW.service").symlink_to("/etc/systemd/system/vrrp@.service")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    (found,) = at_places(plan)
    assert found.id == "names/places/file-name"
    assert found.place.path == "/etc/systemd/system/multi-user.target.wants/vrrp@GW.service"


def test_a_file_of_keepalived_that_is_called_after_the_instance_is_reported_unless_the_configuration_names_it(
    tmp_path: Path,
) -> None:
    files = {
        "/etc/keepalived/vips/GW.conf": "x=1\n",
        "/etc/keepalived/GW/notify": "#!/bin/sh\n:\n",
        "/etc/keepalived/GW.inc": "# nothing\n",
    }
    site = make(tmp_path, files)
    config = tmp_path / "etc/keepalived/keepalived.conf"
    config.write_text(CONFIG % "GW" + "include GW.inc\n")
    plan = upgrade(Site.open(site.config, root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert [(f.id, f.place.path) for f in at_places(plan)] == [
        ("names/places/file-name", "/etc/keepalived/vips/GW.conf")
    ]


SAYS = "# keepalived-upgrade: ignore[names/places/file-name]\n"


@pytest.mark.parametrize(
    ("text", "is_left_out"),
    [
        (SAYS + "x=1\n", True),
        ("; ours\n\n" + SAYS + "\nx=1\n", True),
        ("#!/bin/sh\n# ours\n" + SAYS + "x=1\n", True),
        ("#!/usr/bin/env node\n//" + SAYS[1:] + "x=1\n", True),
        (SAYS.replace("/places/file-name", ""), True),
        (SAYS.replace("names/places/file-name", "mixed_families"), True),
        ("x=1\n" + SAYS, False),
        ("x=1 " + SAYS, False),
        (SAYS.replace("file-name", "cron") + "x=1\n", False),
        ("x=1\n", False),
    ],
)
def test_a_comment_that_a_file_begins_with_leaves_out_what_is_said_of_its_name(
    tmp_path: Path, text: str, is_left_out: bool
) -> None:
    """It holds for the line below, as any other, and for the file."""
    path = "/etc/keepalived/vips/GW.conf"
    site = make(tmp_path, {path: text})
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert [f.id for f in at_places(plan)] == ([] if is_left_out else ["names/places/file-name"])
    said = [(f.id, f.place) for f in plan.findings if f.id.startswith("suppression/")]
    at = Place(path, text[: text.find("keepalived-upgrade:")].count("\n") + 1)
    assert said == (
        [] if "ignore" not in text else [("suppression/in-effect" if is_left_out else "suppression/no-effect", at)]
    )


def test_what_is_said_of_the_name_of_a_file_that_cannot_be_read_stays(tmp_path: Path) -> None:
    site = make(tmp_path, {"/etc/keepalived/vips/x": SAYS})
    (tmp_path / "etc/keepalived/vips/GW.conf").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "etc/keepalived/vips/GW.fifo")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    found = [f for f in at_places(plan) if f.id == "names/places/file-name"]
    assert [f.place.path for f in found] == ["/etc/keepalived/vips/GW.fifo"]


def test_nothing_is_searched_without_a_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "usual_places", lambda site: pytest.fail("searched"))
    site = make(tmp_path, {"/etc/cron.d/vips": "* * * * * root /srv/vrrp/notify GW\n"})
    plan = upgrade(site, Release(2, 2, 7), Release(2, 2, 8), daemon="")
    assert not plan.renames


def test_fifos_devices_links_out_and_loops_are_passed_by(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("* * * * * root /srv/vrrp/notify GW\n")
    site = make(root, {"/etc/cron.d/ours": "* * * * * root /srv/vrrp/notify GW\n"})
    os.mkfifo(root / "etc/cron.d/fifo")
    os.mkfifo(root / "etc/keepalived/fifo")
    (root / "etc/conf.d").write_text("no folder")
    (root / "etc/cron.d/link").symlink_to(outside / "secret")
    (root / "etc/cron.d/up").symlink_to("../../../outside/secret")
    (root / "etc/cron.d/again").symlink_to("ours")
    (root / "etc/cron.d/loop").symlink_to("loop")
    (root / "etc/monit").symlink_to(outside)
    (root / "etc/keepalived/self").symlink_to(".")
    (root / "etc/cron.d/folder").mkdir()
    (root / "etc/cron.d/binary").write_bytes(b"\0GW keepalived")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert [f.place.path for f in at_places(plan)] == ["/etc/cron.d/ours"]


@pytest.mark.parametrize("name", ["vips~", "vips.dpkg-old", "vips.rpmsave", "vips.bak", ".vips"])
def test_what_a_package_manager_or_editor_left_behind_is_not_searched(tmp_path: Path, name: str) -> None:
    assert not at_places(plan_for(tmp_path, {f"/etc/cron.d/{name}": "* * * * * root /srv/vrrp/notify GW\n"}))


def test_many_lines_of_a_file_stay_one_finding(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, {"/etc/cron.d/vips": "* * * * * root /srv/vrrp/notify GW\n" * 20})
    (found,) = at_places(plan)
    assert "on lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 8 more" in found.message
    assert found.cure.count("Line ") == 4


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make(tmp_path, {"/etc/sudoers": "x\n", "/etc/sudoers.d/a": "x\n"})
    peek = Site.peek

    def refuse(self: Site, path: str, most: int) -> bytes:
        if "sudoers" in path:
            raise PermissionError(13, "Permission denied", path)
        return peek(self, path, most)

    monkeypatch.setattr(Site, "peek", refuse)
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    (found,) = at_places(plan)
    assert found.id == "names/places/unreadable"
    assert found.message.endswith(": /etc/sudoers, /etc/sudoers.d/a")


def test_the_search_is_bounded_in_files_and_bytes_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make(tmp_path, {f"/etc/cron.d/{n}": "* * * * * root /x\n" for n in range(8)})
    monkeypatch.setattr(elsewhere, "_MOST_BYTES_OF_ALL", 60)
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert [f.id for f in at_places(plan)] == ["names/places/too-many"]
    monkeypatch.undo()
    monkeypatch.setattr(places, "MOST_FILES", 5)
    monkeypatch.setattr(elsewhere, "MOST_FILES", 5)
    assert len(places.usual_places(site)) == 5
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert [f.id for f in at_places(plan)] == ["names/places/too-many"]


def test_a_folder_of_the_configuration_elsewhere_is_a_usual_place(tmp_path: Path) -> None:
    folder = tmp_path / "opt/keepalived/etc"
    folder.mkdir(parents=True)
    (folder / "keepalived.conf").write_text(CONFIG % "GW")
    (folder / "check").write_text(TEST)
    plan = upgrade(
        Site.open("/opt/keepalived/etc/keepalived.conf", root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), daemon=""
    )
    assert FOLLOWED in (after(plan, "/opt/keepalived/etc/check") or "")


def test_places_with_a_folder_of_any_name_are_found(tmp_path: Path) -> None:
    files = {"/etc/sv/vips/run": "#!/bin/sh\n# vrrp\nexec /x GW\n", "/root/up.sh": "/x GW # vrrp\n"}
    plan = plan_for(tmp_path, files)
    assert [f.place.path for f in at_places(plan)] == ["/etc/sv/vips/run", "/root/up.sh"]


def test_the_same_host_gives_the_same_findings(tmp_path: Path) -> None:
    files = {path: text for path, text, _, _ in REPORTED}
    first = plan_for(tmp_path, files)
    assert plan_for(tmp_path, files).findings == first.findings
    assert len(at_places(first)) == len(files)


def test_a_changed_rule_that_is_no_yaml_any_more_fails_the_proof() -> None:
    from keepalived_upgrade.proofs.syntax import check_syntax

    assert check_syntax("/x.yml", b"a: [1]\n") == ""
    assert check_syntax("/x.yaml", b"a: [1\n") == "it cannot be read as YAML"


# -- comments that leave out ---------------------------------------------------------------------------------------

NOTE = "keepalived-upgrade: ignore[names]"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/systemd/system/vrrp-a.service", f"[Service]\n# {NOTE}\nExecStart=/x keepalived VI_1\n"),
        ("/etc/systemd/system/vrrp-a.service", f"[Service]\n; {NOTE} kept for the old box\nExecStart=/x VI_1\n"),
        ("/etc/cron.d/vrrp", f"# {NOTE}\n* * * * * root /x VI_1\n"),
        ("/etc/sudoers.d/vrrp", f"# {NOTE}\n# why\nops ALL=(root) NOPASSWD: /usr/local/bin/state VI_1\n"),
        ("/etc/nagios/vrrp.cfg", f"command_line x VI_1 ; {NOTE}\n"),
        ("/etc/icinga2/vrrp.conf", f'vars.a = "VI_1" // {NOTE}\n'),
        ("/etc/prometheus/notes.md", f"VI_1 is ours <!-- {NOTE} -->\n"),
        ("/etc/zabbix/check.lua", f'if n == "VI_1" then end -- {NOTE}\n'),
        ("/etc/zabbix/check.js", f'/* {NOTE} */\nif (n == "VI_1") {{}}\n'),
        ("/etc/confd/vrrp.conf.tmpl", f"{{# {NOTE} #}}\nname VI_1\n"),
        ("/usr/local/bin/vrrp-show", f"#!/bin/sh\necho VI_1 # {NOTE}\n"),
    ],
)
def test_a_comment_in_the_files_own_syntax_leaves_its_line_out(tmp_path: Path, path: str, text: str) -> None:
    bare = plan_for(tmp_path / "a", {path: text.replace(NOTE, "a note")}, "VI_1")
    assert [finding.place.path for finding in at_places(bare)] == [path]
    plan = plan_for(tmp_path / "b", {path: text}, "VI_1")
    assert at_places(plan) == []
    (said,) = [finding for finding in plan.findings if finding.id == "suppression/in-effect"]
    assert said.place.path == path
    assert "leaves out 1 finding" in said.message
    assert not any(finding.id.startswith("suppression/no") for finding in plan.findings)


def test_what_is_no_comment_there_leaves_nothing_out(tmp_path: Path) -> None:
    texts = {
        "/etc/grafana/board.json": f'{{"a": "VI_1", "b": "# {NOTE}"}}\n',
        "/etc/zabbix/check.lua": f'f("VI_1") # {NOTE}\n',
        "/etc/cron.d/vrrp": f"* * * * * root /x VI_1 // {NOTE}\n",
    }
    assert {finding.place.path for finding in at_places(plan_for(tmp_path, texts, "VI_1"))} == set(texts)


def test_the_other_lines_of_the_file_are_still_said_and_the_migration_can_be_named(tmp_path: Path) -> None:
    text = "# keepalived-upgrade: ignore[mixed_families]\n* * * * * root /x VI_1\n* * * * * root /y VI_1\n"
    plan = plan_for(tmp_path, {"/etc/cron.d/vrrp": text}, "VI_1")
    (said,) = at_places(plan)
    assert said.place.line == 3
    assert "on line 3 (" in said.message


def test_a_comment_there_that_does_nothing_or_cannot_be_understood_is_said(tmp_path: Path) -> None:
    text = (
        f"# {NOTE}\n\n* * * * * root /x VI_1\n# keepalived-upgrade: ignore names\n# keepalived-upgrade: ignore[nams]\n"
    )
    plan = plan_for(tmp_path, {"/etc/cron.d/vrrp": text}, "VI_1")
    assert len(at_places(plan)) == 1
    assert [(f.id, f.place.line) for f in plan.findings if f.id.startswith("suppression/")] == [
        ("suppression/no-effect", 1),
        ("suppression/malformed", 4),
        ("suppression/malformed", 5),
    ]
