"""The place in which a keepalived is run: what it can see and do there, as whom, and where there can be none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults import in_child
from keepalived_upgrade.plan import Result
from keepalived_upgrade.proofs import daemon, sandbox
from keepalived_upgrade.proofs.daemon import check_daemon, identify, read_messages
from keepalived_upgrade.proofs.sandbox import run_apart

PROJECT = Path(__file__).resolve().parents[1]
MAIN = "/etc/keepalived/keepalived.conf"
GOOD = b"""vrrp_instance A {
    interface eth0
    virtual_router_id 5
    virtual_ipaddress {
        192.0.2.1/24
    }
}
"""
BAD = GOOD.replace(b"    virtual_router_id 5", b"    virtual_router_id 5\n    nonsense 3")
NOBODY = 65534
pytestmark = pytest.mark.netns
Fake = Callable[[str], str]


@pytest.fixture
def fake(tmp_path: Path, namespaces: None) -> Iterator[Fake]:
    """Give a program that says that it is 2.2.7, and does something else for everything but --version."""
    folder = tmp_path / "program"
    folder.mkdir()

    def make(what: str) -> str:
        program = folder / "keepalived"
        program.write_text(f'#!/bin/sh\n[ "$1" != --version ] || {{ echo "Keepalived v2.2.7"; exit 0; }}\n{what}\n')
        program.chmod(0o755)
        identify.cache_clear()
        return str(program)

    yield make
    identify.cache_clear()


def check(executable: str, before: bytes = GOOD, after: bytes = GOOD) -> daemon.Proof:
    return check_daemon(executable, {MAIN: before}, {MAIN: after}, MAIN, (b"eth0",))


def running(words: str) -> bool:
    """Tell whether any process of this machine was started with these words."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = file.read_bytes()
        except OSError:
            continue
        if words.encode() in text.replace(b"\0", b" "):
            return True
    return False


# -- who does not tell the truth ----------------------------------------------------------------------------------


def test_a_program_that_says_nothing_of_the_text_proves_nothing(fake: Fake) -> None:
    proof = check(fake("exit 0"))
    assert proof.result is Result.NOT_MADE
    assert "does not read the text to its end" in proof.detail


def test_a_program_that_says_the_same_of_all_texts_proves_nothing(fake: Fake) -> None:
    assert check(fake("echo \"(Line 3) Unknown keyword 'x'\"; exit 5"), GOOD, BAD).result is Result.NOT_MADE


def test_a_program_that_hangs_is_ended_with_all_it_started(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 2)
    proof = check(fake("sleep 4321.5 & sleep 4321.25"))
    assert proof.result is Result.NOT_MADE
    assert "no answer within 2 seconds" in proof.detail
    assert not running("sleep 4321")


def test_a_program_that_leaves_a_daemon_behind_leaves_none(fake: Fake) -> None:
    assert check(fake("setsid sleep 8765.5 >/dev/null 2>&1 </dev/null & exit 0")).result is Result.NOT_MADE
    assert not running("sleep 8765.5")


def test_a_program_that_floods_is_stopped(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_MOST_OUTPUT", 2**16)
    answer = run_apart(fake("yes"), ("--config-test",), {})
    assert answer.status is None
    assert "says too much" in answer.reason
    assert len(answer.text) <= 2**16


def test_a_program_that_dies_of_the_new_text_alone_fails_the_proof(fake: Fake) -> None:
    tell = "grep -o 'keepalived_upgrade_.*' \"$4\""
    dying = fake(f'{tell}; ! grep -q nonsense "$4" || kill -SEGV $$')
    proof = check(dying, GOOD, BAD)
    assert proof.result is Result.FAILED
    assert "signal 11" in proof.detail
    assert check(dying, BAD, BAD).result is Result.NOT_MADE
    assert check(dying, BAD, GOOD).result is Result.PASSED
    assert (
        check(fake(f'{tell}; ! grep -q nonsense "$4" || kill -SEGV $$; echo news'), BAD, GOOD).result is Result.NOT_MADE
    )


# -- what it can see and do ---------------------------------------------------------------------------------------


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A script of the user's that leaves a mark, in a folder that everybody can enter."""
    script = tmp_path / "scripts/leave-mark"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/mark\n")
    script.chmod(0o755)
    return script


def test_the_scripts_of_a_configuration_lead_nowhere(fake: Fake, mark: Path) -> None:
    local = [path for path in ("/usr/local/bin", "/opt", "/home", "/root", "/srv") if Path(path).is_dir()]
    said = run_apart(
        fake(f"{mark}; ls -A {' '.join(local)}; find / -xdev -name leave-mark 2>/dev/null; :"), ("-t",), {MAIN: GOOD}
    )
    assert said.status == 0, said
    assert [line for line in said.text.splitlines() if line and not line.endswith(":")] == [
        line for line in said.text.splitlines() if "not found" in line or "No such file" in line
    ]
    assert not (mark.parent.parent / "mark").exists()


@pytest.mark.daemon
def test_no_daemon_runs_a_script_of_the_configuration(daemons: dict[object, str], mark: Path) -> None:
    text = f"""
global_defs {{
    script_user root
    startup_script {mark}
    notify_fifo {mark.parent}/fifo
    notify_fifo_script {mark}
}}
vrrp_script check {{
    script {mark}
    interval 1
}}
vrrp_instance A {{
    interface eth0
    virtual_router_id 5
    track_script {{
        check
    }}
    virtual_ipaddress {{
        192.0.2.1/24
    }}
    notify {mark}
    notify_stop {mark}
}}
virtual_server 192.0.2.80 80 {{
    lb_algo rr
    lb_kind NAT
    protocol TCP
    quorum_up {mark}
    real_server 192.0.2.81 80 {{
        notify_up {mark}
        MISC_CHECK {{
            misc_path {mark}
        }}
    }}
}}
""".encode()
    for executable in daemons.values():
        assert read_messages(executable, {MAIN: text}, MAIN, (b"eth0",)).lost == "", executable
    assert sorted(path.name for path in mark.parent.parent.iterdir() if path.name != "program") == ["scripts"]
    assert [path.name for path in mark.parent.iterdir()] == ["leave-mark"]


def test_files_of_the_host_are_neither_read_nor_written(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a-secret-of-the-host\n")
    places = ["/etc", "/usr/share", "/usr/bin", "/root", "/home", "/var/lib", str(tmp_path)]
    tries = "; ".join(f"touch {place}/keepalived-upgrade-mark" for place in places)
    said = run_apart(fake(f"cat {tmp_path}/secret /etc/shadow /root/.bashrc; {tries}; ls /etc"), ("-t",), {MAIN: GOOD})
    assert "a-secret-of-the-host" not in said.text
    assert said.text.count("No such file") >= 3
    assert not [place for place in places if Path(place, "keepalived-upgrade-mark").exists()]
    assert "shadow" not in said.text.splitlines()


def test_processes_of_the_host_are_neither_seen_nor_ended(fake: Fake) -> None:
    with subprocess.Popen(["sleep", "60"]) as victim:
        said = run_apart(fake(f"kill -9 {victim.pid}; ls -d /proc/[0-9]* | wc -l"), ("-t",), {})
        assert victim.poll() is None
        victim.kill()
    assert "No such process" in said.text
    assert int(said.text.split()[-1]) < 10


def test_interfaces_of_the_host_stay_and_no_network_is_reached(fake: Fake) -> None:
    before = subprocess.run(["ip", "-o", "address"], capture_output=True, text=True, check=True).stdout
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = run_apart(
            fake(
                f"bash -c 'echo x >/dev/tcp/127.0.0.1/{port}' && echo reached; ip link set lo down; ip -o link; ip route show default | sed s/^/route:/"
            ),
            ("-t",),
            {},
            (b"eth0",),
        )
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "reached" not in said.text
    assert {
        line.split()[1].partition("@")[0] for line in said.text.splitlines() if line[:1].isdigit() and "link/" in line
    } == {
        "lo:",
        "eth0",
        "standin0",
    }
    assert "route:" not in said.text
    assert subprocess.run(["ip", "-o", "address"], capture_output=True, text=True, check=True).stdout == before


def test_even_root_can_set_nothing_of_the_kernel_from_there(fake: Fake) -> None:
    setting = Path("/proc/sys/kernel/core_uses_pid")
    said = run_apart(fake(f"cat {setting}; echo {setting.read_text().strip()} >{setting} && echo written"), ("-t",), {})
    assert said.text.splitlines()[0] == setting.read_text().strip()
    assert "Read-only file system" in said.text
    assert "written" not in said.text


# -- how texts are laid out -----------------------------------------------------------------------------------------


@pytest.mark.daemon
def test_includes_are_found_however_they_are_written(keepalived: str, namespaces: None) -> None:
    main = b"$WHERE=/etc/keepalived/more\ninclude ${WHERE}/*.conf\ninclude /srv/other.conf\ninclude more/c.conf\n"
    files = {
        MAIN: main,
        "/etc/keepalived/more/a.conf": b"in_a\n",
        "/etc/keepalived/more/c.conf": b"in_c\n",
        "/srv/other.conf": b"in_other\n",
    }
    said = " ".join(read_messages(keepalived, files, MAIN, ()).messages)
    assert [word for word in ("in_a", "in_c", "in_other") if word not in said] == []


@pytest.mark.daemon
def test_a_text_that_lies_among_the_shown_files_is_laid_over_them(keepalived: str, namespaces: None) -> None:
    shown = "/etc/protocols"
    said = read_messages(keepalived, {MAIN: f"include {shown}\n".encode(), shown: b"from_the_text\n"}, MAIN, ())
    assert any("from_the_text" in message for message in said.messages)
    nowhere = "/usr/share/no-such-folder/x.conf"
    assert read_messages(keepalived, {MAIN: b"", nowhere: b""}, MAIN, ()).unheard


@pytest.mark.daemon
def test_an_include_of_an_account_file_shows_nothing_of_the_host(keepalived: str, namespaces: None) -> None:
    real = Path("/etc/shadow").read_text().splitlines()[0] if os.geteuid() == 0 else "root:"
    said = read_messages(keepalived, {MAIN: b"include /etc/passwd\ninclude /etc/shadow\n"}, MAIN, ())
    assert real not in " ".join(said.messages)
    assert any("/bin/false" in message for message in said.messages)


@pytest.mark.daemon
def test_a_script_of_another_user_does_not_end_the_test(daemons: dict[object, str]) -> None:
    """2.2.7 asks as that user whether the script is there, and then ends itself, having said nothing of the rest."""
    text = b"global_defs {\n    script_user nobody\n    startup_script /no/such\n}\n" + BAD
    for executable in daemons.values():
        said = read_messages(executable, {MAIN: text}, MAIN, (b"eth0",))
        assert said.lost == "", executable
        assert any("nonsense" in message for message in said.messages), executable


@pytest.mark.parametrize("path", ["relative.conf", "/etc/a\nb.conf", "/etc/../x.conf"])
def test_a_path_that_cannot_be_copied_is_told(path: str, namespaces: None) -> None:
    answer = run_apart("/bin/true", (), {path: b""})
    assert answer.status is None
    assert "no path for a copy" in answer.reason


# -- as whom, and where ---------------------------------------------------------------------------------------------


@pytest.mark.daemon
def test_an_unprivileged_user_gets_the_proof_where_the_kernel_allows(
    keepalived: str, namespaces: None, tmp_path: Path
) -> None:
    if "--user" not in (sandbox.find_isolation() or ()):
        pytest.skip("the kernel gives no user namespace")
    told = tmp_path / "told"
    told.touch()
    told.chmod(0o666)
    file = told.open("w")

    def act() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        sandbox.find_isolation.cache_clear()
        identify.cache_clear()
        proofs = check(keepalived, GOOD, GOOD + b"\n"), check(keepalived, GOOD, BAD)
        file.write(" ".join(proof.result.value for proof in proofs) + f" {os.geteuid()}")
        file.flush()

    in_child(act, lambda number, name, call: call())
    assert told.read_text() == f"passed failed {NOBODY}"


@pytest.mark.daemon
def test_where_no_namespace_can_be_had_the_proof_is_said_not_to_be_made(keepalived: str, namespaces: None) -> None:
    """In a user namespace whose limits allow no further namespace, as on a hardened host."""
    code = f"""
        from pathlib import Path
        from keepalived_upgrade import Release, Site, upgrade
        site = Site.open("{MAIN}", root="{PROJECT}/corpora/director/root")
        plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="{keepalived}")
        (proof,) = [p for p in plan.proofs if p.name == "daemon"]
        print(proof.result.value, proof.detail)
    """
    limits = "echo 0 >/proc/sys/user/max_user_namespaces; echo 0 >/proc/sys/user/max_net_namespaces"
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", f'{limits}; exec "$@"', "sh"]
    command += [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "not made no private network namespace can be had here; run as root\n", done.stderr


def test_a_place_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch, namespaces: None) -> None:
    monkeypatch.setattr(sandbox, "_SET_UP", "echo no mount today; exit 1")
    answer = run_apart("/bin/true", (), {})
    assert (answer.status, answer.reason) == (None, "no place for the daemon could be made: no mount today")


def test_isolation_is_none_where_nothing_can_isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    for which in (
        lambda name, path=None: None,
        lambda name, path=None: "/none/such",
        lambda name, path=None: "/bin/false",
    ):
        sandbox.find_isolation.cache_clear()
        monkeypatch.setattr(shutil, "which", which)
        assert sandbox.find_isolation() is None
        assert run_apart("/bin/true", (), {}).status is None
    sandbox.find_isolation.cache_clear()


def test_a_program_that_is_not_there_is_told(namespaces: None) -> None:
    assert run_apart("/none/such", (), {}).status == 127
    monkey = sandbox.find_isolation()
    assert monkey is not None


def test_a_program_in_a_shared_folder_is_shown_alone(tmp_path: Path) -> None:
    assert list(sandbox._program_paths("/tmp/keepalived")) == ["/tmp/keepalived"]
    assert list(sandbox._program_paths("/home/u/keepalived")) == ["/home/u/keepalived"]
    assert list(sandbox._program_paths("/usr/sbin/keepalived")) == []
    (tmp_path / "b").mkdir()
    (tmp_path / "b/keepalived").touch()
    (tmp_path / "keepalived").symlink_to("b/keepalived")
    assert list(sandbox._program_paths(f"{tmp_path}/keepalived")) == [str(tmp_path), f"{tmp_path}/b"]


def test_accounts_are_all_root_even_where_none_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(line.split(b":")[2] == b"0" for line in sandbox._accounts().splitlines())

    def lost(self: Path) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_bytes", lost)
    assert sandbox._accounts() == b"root:x:0:0::/:/bin/false\n"
