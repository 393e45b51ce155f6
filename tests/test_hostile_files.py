"""Hosts that try to lead out of their root, to show what is none of the report's business, or to hang us."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from keepalived_upgrade import inside
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.proofs.daemon import read_messages
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.markdown import render_markdown
from keepalived_upgrade.review.sarif import render_sarif
from keepalived_upgrade.review.terminal import render_report
from keepalived_upgrade.site import Site

MAIN = "/etc/keepalived/keepalived.conf"
SECRET = "TopS3cretHash"
SHADOW = f"root:$6$salt${SECRET}:19000:0:99999:7:::\nGW:$6$salt${SECRET}:19000:0:99999:7:::\nbin:*:1:0:99999:7:::\n"
INSTANCE = """vrrp_instance GW {
    interface lan0
    virtual_router_id 1
    virtual_ipaddress {
        192.0.2.1/24
        2001:db8::1/64
        %s
    }
    notify /etc/keepalived/n.sh
}
%s
"""
RENDERERS: dict[str, Callable[[Plan], str]] = {
    "terminal": lambda plan: render_report(plan, color=True, width=100),
    "side by side": lambda plan: render_report(plan, color=False, width=140, side_by_side=True),
    "json": Plan.to_json,
    "html": Plan.to_html,
    "markdown": render_markdown,
    "sarif": render_sarif,
    "patch": lambda plan: plan.patch().decode("utf-8", "surrogateescape"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.conf").write_text(f"vrrp_script {SECRET} {{\n    script /x\n}}\n")
    host = tmp_path / "host"
    (host / "etc/keepalived/conf.d").mkdir(parents=True)
    (host / "etc/keepalived/n.sh").write_text('#!/bin/sh\n[ "$2" = GW ] && logger up\n')
    return host


def plan_for(root: Path, inner: str = "", outer: str = "") -> Plan:
    (root / MAIN[1:]).write_text(INSTANCE % (inner, outer))
    return upgrade(Site.open(MAIN, root=root), Release(1, 2, 13), Release(2, 2, 7), daemon="")


def ids(plan: Plan) -> set[str]:
    return {finding.id for finding in plan.findings}


def assert_shown_nowhere(plan: Plan, text: str) -> None:
    for name, render in RENDERERS.items():
        assert text not in render(plan), name


# -- out of the root ----------------------------------------------------------------------------------------------

# What the parts of a chain of links in conf.d lead to; x.conf is what is included.
LINKS = {
    "absolute": {"x.conf": "{out}/secret.conf"},
    "climbing": {"x.conf": "../../../../../../../../../../../..{out}/secret.conf"},
    "chain": {"x.conf": "b", "b": "c", "c": "{out}/secret.conf"},
    "circle": {"x.conf": "b", "b": "x.conf"},
    "folder": {"x.conf": "f/secret.conf", "f": "{out}"},
    "rooted climb": {"x.conf": "/../../../..{out}/secret.conf"},
}


@pytest.mark.parametrize("include", ["conf.d/x.conf", "conf.d/*.conf", "conf.d/../conf.d/x.conf"])
@pytest.mark.parametrize("kind", LINKS)
def test_a_link_out_of_the_root_leads_to_nothing(root: Path, kind: str, include: str) -> None:
    for name, target in LINKS[kind].items():
        (root / "etc/keepalived/conf.d" / name).symlink_to(target.format(out=root.parent / "outside"))
    plan = plan_for(root, outer=f"include {include}")
    assert ids(plan) & {"conf/include-skipped", "conf/include-missing"}
    assert_shown_nowhere(plan, SECRET)


@pytest.mark.parametrize(
    "include",
    ["../../../outside/secret.conf", "/../outside/secret.conf", "../" * 30 + "outside/*.conf", "{OUT}/secret.conf"],
)
def test_a_path_out_of_the_root_stays_inside(root: Path, include: str) -> None:
    plan = plan_for(root, outer="include " + include.replace("{OUT}", str(root.parent / "outside")))
    assert "conf/include-missing" in ids(plan)
    assert_shown_nowhere(plan, SECRET)


def test_a_pattern_does_not_list_a_folder_outside(root: Path) -> None:
    (root / "out").symlink_to(root.parent / "outside")
    site = Site.open(write(root, "global_defs {\n}\n"), root=root)
    assert site.glob(b"/out/*", "/") == []
    assert site.glob(b"/o*/*", "/") == []
    (root / "in").symlink_to("/etc/keepalived")
    assert site.glob(b"/in/*.conf", "/") == ["/in/keepalived.conf"]


def write(root: Path, text: str) -> str:
    (root / MAIN[1:]).write_text(text)
    return MAIN


@pytest.mark.parametrize("at", ["etc", "etc/keepalived", "etc/keepalived/conf.d"])
def test_a_folder_that_becomes_a_link_between_looking_and_reading_is_not_followed(
    root: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root / "etc/keepalived/conf.d"
    (folder / "secret.conf").write_text("global_defs {\n}\n")
    outside = root.parent / "outside"
    (outside / "keepalived/conf.d").mkdir(parents=True)
    (outside / "conf.d").mkdir()
    for place in ("keepalived/conf.d", "conf.d"):
        (outside / place / "secret.conf").write_text(SECRET)
    site = Site.open(write(root, "global_defs {\n}\n"), root=root)
    real = Site.resolve

    def resolve_then_exchange(self: Site, path: str) -> str | None:
        found = real(self, path)
        if not (root / at).is_symlink():
            (root / at).rename(root / "moved")
            (root / at).symlink_to(outside)
        return found

    monkeypatch.setattr(Site, "resolve", resolve_then_exchange)
    assert site.read_if_there("/etc/keepalived/conf.d/secret.conf") is None
    assert inside.list_folder(str(root), "/" + at) == []


def test_among_many_files_what_is_none_is_still_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "etc/keepalived/conf.d"
    for number in range(300):
        (folder / f"{number:03}").write_text(f"{number}\n")
    os.mkfifo(folder / "fifo")
    (folder / "inside").symlink_to("007")
    (folder / "outside").symlink_to(root.parent / "outside/secret.conf")
    (root.parent / "outside/secret.conf").write_text(SECRET)
    site = Site.open(write(root, "global_defs {\n}\n"), root=root)
    read = [site.read_if_there(f"/etc/keepalived/conf.d/{number:03}") for number in range(200)]
    assert read == [b"%d\n" % number for number in range(200)]
    (folder / "250").unlink()
    (folder / "251").unlink()
    os.mkfifo(folder / "251")  # since the folder was looked at
    (folder / "new").write_text("new\n")
    rest = ("250", "251", "252", "fifo", "inside", "outside", "new")
    assert [site.read_if_there(f"/etc/keepalived/conf.d/{name}") for name in rest] == [
        *(None, None, b"252\n", None, b"7\n", None, b"new\n")
    ]
    monkeypatch.setattr(os, "scandir", lambda _: (_ for _ in ()).throw(OSError(5, "I/O error")))
    again = Site.open(MAIN, root=root)
    assert all(again.read_if_there(f"/etc/keepalived/conf.d/{number:03}") for number in range(200))


@pytest.mark.parametrize("kind", ["a fifo", "a socket", "a folder", "a device"])
def test_what_is_no_file_is_not_opened(root: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / "etc/keepalived/conf.d/x.conf"
    if kind == "a fifo":
        os.mkfifo(path)
    elif kind == "a socket":
        monkeypatch.chdir(path.parent)
        socket.socket(socket.AF_UNIX).bind(path.name)
    elif kind == "a folder":
        path.mkdir()
    elif os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    else:
        pytest.skip("a device can be made by root only")
    opened: list[object] = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda name, *more, **given: opened.append(name) or real(name, *more, **given))
    plan = plan_for(root, outer="include conf.d/x.conf\nvrrp_script s {\n script /etc/keepalived/conf.d/x.conf\n}")
    assert "conf/include-skipped" in ids(plan)
    assert not [name for name in opened if str(name).endswith("x.conf")]


@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/self/maps", "/proc/kmsg", "/dev/zero", "/dev/stdin"])
def test_files_of_the_kernel_end_with_a_finding(tmp_path: Path, path: str) -> None:
    main = tmp_path / "k.conf"
    main.write_text(f"include {path}\n")
    plan = upgrade(Site.open(main), Release(2, 2, 7), Release(2, 4, 3), daemon="")
    found = [f for f in plan.findings if f.place.path == str(main)]
    assert {f.id for f in found} & {"conf/include-unreadable", "conf/include-skipped", "conf/include-foreign"}
    assert "PATH=" not in plan.to_json()


def test_a_pattern_over_too_many_files_ends_with_a_decision(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepalived_upgrade.site._MOST_LISTED", 3)
    for number in range(5):
        (root / f"etc/keepalived/conf.d/{number}.conf").write_text("")
    plan = plan_for(root, outer="include /*/*/*/*")
    (found,) = [f for f in plan.findings if f.id == "conf/include-too-wide"]
    assert found.severity is Severity.DECISION


# -- what is no configuration -------------------------------------------------------------------------------------

FOREIGN = {
    "/etc/shadow": SHADOW,
    "/etc/ssl/private/key.pem": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\n",
    "/etc/ppp/chap-secrets": f"# secrets\nalice * {SECRET} *\nbob * {SECRET} *\n",
    "/root/.netrc": f"machine x.example login alice password {SECRET}\n",
    "/etc/sudoers": f"root ALL=(ALL:ALL) ALL\n%{SECRET} ALL=(ALL) NOPASSWD: ALL\n",
    "/etc/snmp/snmpd.conf": f"rocommunity {SECRET}\nsysLocation {SECRET}\n",
    "/root/.my.cnf": f"[client]\nuser=root\npassword={SECRET}\n",
    "/etc/keepalived/vault": f"\0\1{SECRET}\n",
    "/root/note": f"{SECRET}\n",
}


@pytest.mark.parametrize("where", ["top", "block", "definition", "glob", "script"])
@pytest.mark.parametrize("path", FOREIGN)
def test_an_include_that_is_no_configuration_never_shows_its_content(root: Path, path: str, where: str) -> None:
    (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
    (root / path[1:]).write_text(FOREIGN[path])
    inner, outer = {
        "top": ("", f"include {path}"),
        "block": (f"include {path}", ""),
        "definition": ("", f"$F={path}\ninclude $F"),
        "glob": ("", f"include {path[:-1]}?"),
        "script": ("", f"vrrp_script s {{\n script {path}\n}}"),
    }[where]
    plan = plan_for(root, inner, outer)
    assert ("conf/include-foreign" in ids(plan)) is (where != "script")
    assert_shown_nowhere(plan, SECRET)


def test_what_lists_names_addresses_or_routes_is_a_configuration(root: Path) -> None:
    for name, text in {
        "conf.d/interfaces": "eth0\neth1 weight 5\n",
        "/srv/addresses": "192.0.2.7/24 dev lan0\n\n# more\n2001:db8::7/64\n192.0.2.10-20 80\n",
        "/srv/routes": "src 192.0.2.1 to 10.0.0.0/8 via 192.0.2.9\ndefault via 192.0.2.1\nblackhole 10.1.0.0/16\n",
        "/srv/empty": "\n! nothing\n",
        "/srv/checks": "HTTP_GET {\n url {\n  path /\n }\n}\n",
    }.items():
        file = root / (name[1:] if name.startswith("/") else f"etc/keepalived/{name}")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (root / MAIN[1:]).write_text("".join(f"include {n}\n" for n in ("conf.d/*", "/srv/*")))
    plan = upgrade(Site.open(MAIN, root=root), Release(2, 2, 7), Release(2, 2, 8), daemon="")
    assert "conf/include-foreign" not in ids(plan)
    (root / MAIN[1:]).write_text("include /srv/names\n")
    (root / "srv/names").write_text("eth0\neth1\n")
    plan = upgrade(Site.open(MAIN, root=root), Release(2, 2, 7), Release(2, 2, 8), daemon="")
    assert "conf/include-foreign" in ids(plan)


# -- as root on files of others -----------------------------------------------------------------------------------

WATCHED = """
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, {source!r})
import keepalived_upgrade.engine, keepalived_upgrade.cli, keepalived_upgrade.proofs.daemon
started, written = [], []
def watch(event, given):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.spawn"):
        started.append(str(given[:2]))
    if event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and isinstance(given[0], str):
        if given[0] != os.devnull and not given[0].startswith("/proc/"):
            written.append(given[0])
            top = "/".join(given[0].split("/")[: {depth}])
            if os.path.isdir(top) and os.stat(top).st_mode & 0o077:
                written.append("not private: " + top)
from keepalived_upgrade import Release, Site, upgrade
site = Site.open({main!r}, root={root!r})
sys.addaudithook(watch)
os.umask(0)
plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon={daemon!r})
for render in (plan.patch, plan.diff, plan.to_json, plan.to_html):
    render()
print(started, file=sys.stderr)
print(*written, sep="\\n")
"""


@pytest.mark.daemon
def test_nothing_of_the_hosts_is_run_and_temporary_files_are_private(
    root: Path, keepalived: str, namespaces: None
) -> None:
    flag, scratch = root.parent / "flag", root.parent / "scratch"
    scratch.mkdir()
    for name in ("n.sh", "check.sh", "keepalived"):
        script = root / "etc/keepalived" / name
        script.write_text(f"#!/bin/sh\necho GW; touch {flag}\n")
        script.chmod(0o777)
        os.chown(script, 65534, 65534)
    extra = "vrrp_script c {\n script /etc/keepalived/check.sh\n interval 1\n}\n"
    (root / MAIN[1:]).write_text(INSTANCE % ("", extra))
    os.chown(root / MAIN[1:], 65534, 65534)
    program = WATCHED.format(
        source=str(Path(inside.__file__).parents[1]),
        main=MAIN,
        root=str(root),
        daemon=keepalived,
        depth=len(scratch.parts) + 1,
    )
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
        check=True,
    )
    assert "unshare" in done.stderr, "the proof was not made, so this test would tell nothing"
    assert str(root) not in done.stderr
    assert not flag.exists()
    assert "not private" not in done.stdout
    assert all(line.startswith(f"{scratch}/") for line in done.stdout.split())
    assert not list(scratch.iterdir())


@pytest.mark.daemon
@pytest.mark.parametrize("line", ["include {}", "@^x include {}", "$I=include {}\n$I", "include {{{},x}}"])
@pytest.mark.parametrize("climbs", [False, True])
def test_the_copy_before_the_daemon_includes_nothing_of_this_machine(
    root: Path, keepalived: str, namespaces: None, line: str, climbs: bool
) -> None:
    out = root.parent / "outside/words.conf"
    out.write_text(f"{SECRET} yes\n")
    path = "../" * 30 + str(out)[1:] if climbs else str(out)
    messages = read_messages(keepalived, {MAIN: (line.format(path) + "\nodd_word\n").encode()}, MAIN, ()).messages
    assert any("odd_word" in message for message in messages), messages
    assert not any(SECRET in message for message in messages), messages
