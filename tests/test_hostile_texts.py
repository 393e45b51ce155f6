"""Names and texts that try to be more than text, bombs, and secrets: nothing of them does harm in any output."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

import fuzz
from fuzz_inputs import HOSTILE_PATHS, PATHS
from keepalived_upgrade import cli
from keepalived_upgrade.cli.outputs import write_output
from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.dependents.regexes import accept_pattern, read_regex, takes_too_long
from keepalived_upgrade.edits import Change, Edit, Text, apply_edits
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.masking import MASK, mask, secret_spans
from keepalived_upgrade.review.patch import holds_secret, write_patch
from keepalived_upgrade.site import Site
from test_hostile_files import INSTANCE, MAIN, RENDERERS

NAMES = {b"GW": (b"GW_v4", b"GW_v6")}
# Seconds of CPU, under coverage and on any machine: what grows with the square takes minutes. How long each takes is
# measured by tests/bench/bench.py, and held to a second by the fuzzer.
GUARD = 20.0


def plan_of(*files: FileChange) -> Plan:
    return Plan("/", MAIN, Release(1, 2, 13), Release(2, 2, 7), files, (), (), ())


# -- patches ------------------------------------------------------------------------------------------------------


def below(folder: Path) -> dict[bytes, bytes | None]:
    """Give everything in a folder, files with their content."""
    found: dict[bytes, bytes | None] = {}
    for above, folders, names in os.walk(os.fsencode(folder)):
        found.update((os.path.join(above, name), None) for name in folders)
        for name in names:
            with open(os.path.join(above, name), "rb") as file:
                found[os.path.join(above, name)] = file.read()
    return found


@pytest.mark.parametrize("is_new", [False, True])
@pytest.mark.parametrize("tool", ["git", "patch"])
@pytest.mark.parametrize("path", [path for path in HOSTILE_PATHS if path != "/dev/null"], ids=ascii)
def test_a_patch_writes_the_file_it_is_for_or_nothing(path: str, tool: str, is_new: bool, tmp_path: Path) -> None:
    scratch = tmp_path / "one/two/scratch"
    target = os.fsencode(scratch) + os.fsencode(path)
    os.makedirs(os.path.dirname(target))
    before = b"GW\n--- a/x\n+++ b/y\n"
    text = Text(before)
    text.apply([Edit(path, 0, 2, b"diff --git a/z b/z\n--- /dev/null\n+++ b/../../z\n@@ -0,0 +1 @@\n+x", "m", "r\n@@")])
    change = FileChange(path, before, text.current, text.changes())
    if is_new:
        change = FileChange(path, None, before, (Change(0, 0, before, (("m", "r"),)),), 0o644, "root", "root")
    else:
        with open(target, "wb") as file:
            file.write(before)
    command = (
        ["git", "apply", "-"] if tool == "git" else ["patch", "-p1", "--binary", "--batch", "--no-backup-if-mismatch"]
    )
    known = below(tmp_path)
    done = subprocess.run(command, input=plan_of(change).patch(), cwd=scratch, capture_output=True, check=False)
    now = below(tmp_path)
    if done.returncode == 0:
        assert now.pop(target) == change.after
        known.pop(target, None)
    elif tool == "patch":
        # It keeps what it could not apply beside the file.
        now = {name: text for name, text in now.items() if not name.endswith(b".rej")}
    assert done.returncode == 0 or tool == "patch", done.stderr
    assert now == known


def test_the_reader_of_patches_finds_what_is_wrong() -> None:
    good = write_patch(plan_of(FileChange("/a", b"x\n", b"y\n", (Change(0, 1, b"y", (("m", "r"),)),))))
    assert fuzz.patches.read_patch(good)[0] == b"a"
    for old, new in (
        (b"+++ b/a", b"+++ b/b"),
        (b"--- a/a", b"--- b/a"),
        (b"-1 +1", b"-1,2 +1"),
        (b"a/a b/a", b"a/a b/b"),
    ):
        with pytest.raises((AssertionError, ValueError)):
            fuzz.patches.read_patch(good.replace(old, new))
    with pytest.raises(AssertionError):
        fuzz.patches.apply_hunks(b"z\n", fuzz.patches.read_patch(good)[2])


# -- names --------------------------------------------------------------------------------------------------------

HOSTILE_NAMES = (
    "\x1b[2J\x1b]0;x\x07",
    "<script>alert(1)</script>",
    "%s%n%(x)s{0}{x.y}",
    "\u202egnp.exe",
    "[bold red]x[/]",
    "`rm`|$(x)",
    "![x](http://e)",
    "\x9b31m",
)


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_a_hostile_name_is_text_in_every_output(name: str, form: str, tmp_path: Path) -> None:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    word = re.sub(r"\s", "_", name.replace("/", "_"))
    script = folder / f"{word}.sh"
    script.write_text('#!/bin/sh\n[ "$2" = GW ] && logger up\ncase $2 in G?) ;; esac\n')
    text = (INSTANCE % ("", f"include {word}.conf\nodd_{word} 1\n")).replace("n.sh", script.name)
    (folder / "keepalived.conf").write_text(text.replace("vrrp_instance GW", f"# {word}\nvrrp_instance GW"))
    plan = upgrade(Site.open(MAIN, root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert len(plan.files) == 2, "the script was not found, so its name is not shown"
    output = RENDERERS[form](plan)
    if form == "patch":
        heads = [line for line in output.split("\n") if line.startswith(("diff ", "--- ", "+++ "))]
        assert all(line.isprintable() and line.isascii() for line in heads)
        return
    colours = re.compile(r"\x1b\[[0-9;]*m") if form == "terminal" else None
    shown = colours.sub("", output) if colours else output
    assert not [c for c in shown if not c.isprintable() and c not in "\n\t"]
    if form == "html":
        assert "<script>alert" not in output
    if form in ("json", "sarif"):
        json.loads(output)


# -- bombs --------------------------------------------------------------------------------------------------------

_DOUBLING = b"".join(b"$%c=\\\n ${%c} \\\n ${%c}\n\n" % (c + 1, c, c) for c in range(65, 85))
BOMBS = {
    "definitions of lines": (b"$A=\\\nx y \\\nz w\n\n" + _DOUBLING + b"$U\n", "conf/expansion-too-large"),
    "definitions of text": (
        b"$A=aaaa\n" + b"".join(b"$%c=${%c}${%c}\n" % (c + 1, c, c) for c in range(65, 85)) + b"x $U\n" * 9000,
        "conf/definition",
    ),
    "a definition of itself": (b"$A=${A}\n" + b"$A\n" * 20_000, "conf/expansion-too-large"),
    "an empty definition": (b"$B=\n$A=" + b"${B}" * 240 + b"\n" + b"$A\n" * 20_000, "conf/expansion-too-large"),
    "long lines": (b"$A=\\\n" + (b"a" * 900 + b" \\\n") * 30 + b"\n" + b"$A\n" * 10_000, "conf/expansion-too-large"),
    "sequences": (b"~SEQ(a, 1, 99999) x $a\n" * 2000, "conf/expansion-too-large"),
    "nested sequences": (
        b"~SEQ(a, 1, 9999) ~SEQ(b, 1, 9999) ~SEQ(c, 1, 9999) x $a $b $c {\n" * 3,
        "conf/expansion-too-large",
    ),
    "a sequence without end": (b"~SEQ(a, 1, " + b"9" * 30 + b") x\n", "conf/sequence"),
    "nesting": (b"a {\n" * 16_000, "conf/missing-brace"),
    "closing": (b"}\n" * 32_000, "conf/extra-brace"),
    "quotes": (b'x "\n' * 16_000, "conf/unterminated-quote"),
}


@pytest.mark.parametrize("release", [Release(2, 0, 20), Release(2, 2, 7), Release(2, 4, 3)], ids=str)
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_soon_with_a_finding(name: str, release: Release) -> None:
    source, finding = BOMBS[name]
    assert len(source) <= 2**16
    if name.startswith(("a sequence", "sequences", "nested")) and release < Release(2, 1, 0):
        pytest.skip("there are no sequences yet")
    begin = time.process_time()
    tree = parse(source, release)
    took = time.process_time() - begin
    assert finding in {found.id for found in tree.findings}
    assert took < GUARD


def bomb_plan(tmp_path: Path, text: bytes) -> Plan:
    (tmp_path / "etc/keepalived").mkdir(parents=True)
    (tmp_path / MAIN[1:]).write_bytes(text)
    begin = time.process_time()
    plan = upgrade(Site.open(MAIN, root=tmp_path), Release(1, 2, 13), Release(2, 2, 7), daemon="")
    assert time.process_time() - begin < 3 * GUARD
    return plan


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (b"include keepalived.conf\n" * 2000, "conf/include-loop"),
        (b"include {a,b}" + b"{a,b}" * 14 + b"\n", "conf/include-missing"),
        (b"include " + b"{a,b}" * 40 + b"\n", "conf/expansion-too-large"),
        (b"include /" + b"*/" * 100 + b"*\n", "conf/include-missing"),
        (b"".join(b"@n%d x\n" % n for n in range(6000)), "conf/too-many-ids"),
        (b"vrrp_instance a {\nvirtual_ipaddress {\n" + b"192.0.2.1\n::1\n" * 4000 + b"}\n}\n", "v1_2_20/mixed_families/link-local-first"),
        (b"a {\n" * 8000, "conf/missing-brace"),
    ],
    ids=["loops", "braces", "more braces", "stars", "ids", "addresses", "nesting"],
)  # fmt: skip
def test_a_whole_upgrade_of_a_bomb_ends(text: bytes, finding: str, tmp_path: Path) -> None:
    assert finding in {f.id for f in bomb_plan(tmp_path, text).findings}


def test_a_file_included_over_and_over_counts_as_often(tmp_path: Path) -> None:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    for number in range(20):
        (folder / f"{number}.conf").write_text(f"include {number + 1}.conf\n" * 2)
    (folder / "20.conf").write_text("x y\n" * 1000)
    (folder / "keepalived.conf").write_text("include 0.conf\n")
    begin = time.process_time()
    plan = upgrade(Site.open(MAIN, root=tmp_path), Release(2, 2, 7), Release(2, 2, 8), daemon="")
    assert time.process_time() - begin < GUARD
    assert "conf/expansion-too-large" in {f.id for f in plan.findings}


def test_two_instances_of_one_name_are_a_decision_and_no_fault(tmp_path: Path) -> None:
    twice = INSTANCE % ("", "") + INSTANCE % ("", "") + "vrrp_sync_group G {\n group {\n  GW\n }\n}\n"
    plan = bomb_plan(tmp_path, twice.encode())
    found = [f for f in plan.findings if f.id.startswith("v1_2_20/mixed_families/")]
    assert [(f.id, f.severity) for f in found] == [("v1_2_20/mixed_families/same-name", Severity.DECISION)] * 2
    assert not plan.files


SCRIPTS = {
    "a list": b"#!/usr/bin/python3\nx = [" + b'"GW", ' * 9000 + b"]\n",
    "lines": b"#!/usr/bin/python3\n" + b'if name == "GW": act(1)\n' * 2700,
    "names": b'#!/usr/bin/python3\nx == "GW"\n' + b"kind, name\n" * 5900,
    "old lines": b"#!/usr/bin/python\nprint 'x'\n" + b'if name == "GW": act(1)\n' * 2700,
    "arms": b"#!/bin/sh\ncase $2 in\n" + b"GW) a;;\n" * 7000 + b"esac\n",
    "tests": b"#!/bin/sh\n" + b"[ $2 = GW ] && " * 4300 + b"a\n",
    "words": b"#!/bin/sh\nfor n in " + b"GW " * 21_000 + b"; do [ $n = $2 ] && a; done\n",
    "greps": b"#!/bin/sh\n" + b'echo "$2" | grep -q GW | ' * 2500 + b"\n",
    "pipes": b"#!/bin/sh\n" + b"a |\n\n# x\n" * 6000 + b"GW\n",
    "substitutions": b"#!/bin/sh\n" + b"$(" * 20_000 + b"GW\n",
    # These make the parsers recover for seconds, and in hundreds of megabytes.
    "elements": b"#!/bin/sh\nGW\n" + b"[A]=2)\n" * 9300,
    "open arrays": b"#!/bin/sh\nGW\n" + b"a=(\n" * 16_000,
    "open documents": b"#!/bin/sh\nGW\n" + b"<<E\n" * 16_000,
    "old operators": b"#!/usr/bin/python\nx == 'GW'\n" + b"=~\n" * 21_000,
    "expansions": b"#!/bin/sh\nGW_" + b"x" * 90 + b" GW\n" + b"$a$b$c$d" * 7000 + b"\n",
    "joined words": b"#!/bin/sh\n[ $2 = GW ]\n" + b"".join(b"echo ${a%d}_$b%d\n" % (n, n) for n in range(3000)),
    "functions": b"#!/bin/sh\n" + b"GW() { :; }\n" * 5300,
    "keys": b"#!/bin/bash\nA=(" + b"[GW:a]=1 " * 7000 + b")\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_large_script_is_followed_in_time_and_memory(name: str) -> None:
    before, begin = fuzz.memory(), time.process_time()
    result = follow_file("/x", SCRIPTS[name], NAMES)
    assert time.process_time() - begin < GUARD
    assert fuzz.memory() - before < fuzz.MOST_BYTES
    assert result.edits or result.findings


PUMPED = {
    "a list without separators": b'L="' + b"a" * 60_000 + b'! GW"\nfor n in $L; do [ $n = $2 ]; done\n',
    "classes": b"${x#" + b"[a]" * 20_000 + b"$",
    "open classes": b"${x##" + b"[" * 60_000,
    "wildcards": b"[[ $2 == GW ]]\n" + b"[" * 60_000,
    "a blank line of a definition": b"$A= x" + b" \t" * 30_000 + b"\r x\n",
    "blanks before what is not simple": b"a" + b" " * 5000 + b"~\n",
    "a head without end": b"[[" + b"\t" * 60_000,
    "a word": b"import sys\nsys.argv\n" + b"a" * 60_000,
    "an import of blanks": b" from" + b"\t" * 60_000,
    "a module of dots": b'import_module("' + b"." * 60_000,
    "quoted stars": b"grep '" + b"*" * 60_000,
    "an expression at the end": b"[[ $2 =~ }" + b"@" * 60_000,
    "open templates": b"{{" * 30_000,
    "quotes behind backslashes": b"['" + b"\\']=" * 15_000,
    "empty lines": b"\n" * 60_000 + b"x\n",
    "a slice without a number": b"import sys\nsys.argv[0][3:-]\n",
    "repeats of repeats": b"[[ $2 =~ ^([A-Z_]+)+X$ ]] && act\n" + b"if re.match(r'(\\w|_)+!', sys.argv[1]): act()\n",
    "many parts": b'[ "$a$b$c$d$e$f$g$h$i$j$k${l}Z_" = "$2" ]\n',
}


@pytest.mark.parametrize("name", PUMPED)
def test_no_expression_of_ours_goes_back_without_end(name: str) -> None:
    fuzzer, begin = fuzz.Fuzzer(1), time.process_time()
    long = b"V" + b"I" * 40 + b"_GATEWAY_OF_THE_HOUSE"
    for shebang, path in (
        (b"#!/bin/sh\n", "/x"),
        (b"#!/usr/bin/python3\n", "/x"),
        (b"", "/x.j2"),
        (b"", "/x.ini"),
        (b"", "/x.pl"),
    ):
        follow_file(path, shebang + PUMPED[name], {**NAMES, long: (long + b"_v4", long + b"_v6")})
    for _ in range(3):
        fuzzer.search_all(PUMPED[name])
    assert time.process_time() - begin < 3 * GUARD


def test_an_expression_that_cannot_be_tried_is_a_decision_where_it_decides() -> None:
    script = b"#!/bin/bash\n[[ $2 =~ ^([A-Z0-9]+_?)+$ ]] || exit 1\n"
    assert [f.id for f in follow_file("/x", script, NAMES).findings] == ["names/shell/pieces"] * len(NAMES)
    # An address: no repeat without end in another.
    script = b"#!/bin/bash\n[[ $1 =~ ^([0-9]{1,3}\\.){3}[0-9]{1,3}$ ]] || exit 1\n"
    assert not follow_file("/x", script, NAMES).findings


@pytest.mark.parametrize(
    ("text", "slow"),
    [
        (rb"^(a+)+$", True),
        (rb"(a|b)*c", True),
        (rb"(?:a?)+c", True),
        (rb"((x{2,})y)*", True),
        (rb"(a[+]b)+", False),
        (rb"^VI_(\d+|GW)$", False),
        (rb"(\d{1,3}\.){3}\d{1,3}", False),
        (rb"(\d{1,3}\.){9}", False),
        (rb"(\d{1,}\.){9}", True),
        (b".*a" * 3, False),
        (b".*a" * 9, True),
        (b"(a*b){9}", True),
        (b"a?" * 60, True),
    ],
)
def test_which_expressions_are_tried_on_names(text: bytes, slow: bool) -> None:
    assert takes_too_long(text, [b"x" * 40]) == slow
    assert (read_regex(text, [b"x" * 40]) is None) == slow


def test_what_posix_and_python_read_otherwise_is_not_taken_to_accept_a_name() -> None:
    names = {b"GW": (b"GW_v4", b"GW_v6")}
    assert accept_pattern(b"^GW.*$", names) == b"^GW.*$"
    assert accept_pattern(rb"^GW\w*$", names) is None
    assert accept_pattern(b"^GW|LAN$", names) == b"^GW|LAN$"


def test_a_second_run_leaves_a_constant_of_a_class_as_the_first_made_it() -> None:
    script = b'#!/usr/bin/python3\nclass C:\n    I = "GW"\nif (I != "GW") and (name == C.I):\n    act(1)\n'
    first = follow_file("/x", script, NAMES)
    assert first.edits
    assert not follow_file("/x", apply_edits(script, first.edits), NAMES).edits


@pytest.mark.parametrize("path", PATHS)
def test_a_large_file_in_another_language_is_searched_in_time(path: str) -> None:
    begin = time.process_time()
    for text in (b'GW: "GW" [GW] {GW}\n' * 3400, b"[{(\"GW'" * 8000, b"[GW," * 16_000, b"- " * 32_000 + b"GW\n"):
        follow_file(path, text, NAMES)
    assert time.process_time() - begin < GUARD


# -- secrets ------------------------------------------------------------------------------------------------------

SECRETS = (
    "auth_pass {}",
    '    auth_pass "{}" # x',
    "rocommunity {} 10.0.0.0/8",
    "rocommunity6 {}",
    'createUser bob SHA "{}" AES other',
    "com2sec local 10.0.0.0/8 {}",
    "PGPASSWORD={} psql",
    "export DB_PASS='{}'",
    'api_key: "{}"',
    '{{"password": "{}", "x": 1}}',
    "curl -u alice:{} https://x.example",
    "curl https://alice:{}@x.example/up",
    "curl -H 'Authorization: Bearer {}' x",
    "url http://x.example/up?token={}&x=1",
    "snmptrap -v 2c -c {} 192.0.2.1 ''",
    "snmptrap -v 3 -A {} host",
    "mysql --password={} -e x",
    "tool --token {} x",
    "secret {};",
    "psk={}",
)


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_masked_and_makes_a_patch_private(line: str) -> None:
    text = line.format("hunter2.#X")
    assert "hunter2" not in mask(text)
    assert MASK in mask(text)
    data = text.encode()
    assert any(b"hunter2" in data[start:end] for start, end in secret_spans(data))
    assert holds_secret(b"+" + data + b"\n")


@pytest.mark.parametrize(
    "line",
    ["date -u +%H:%M", "passive = 1", "bypass yes", "tokens", "notify /x/key.sh", "passed: 3", "a://b:80/c"],
)  # fmt: skip
def test_what_is_no_secret_stays(line: str) -> None:
    assert mask(line) == line
    assert secret_spans(line.encode()) == []


def test_masking_takes_no_longer_as_lines_grow() -> None:
    for part in ("snmp ", "password", "://", "curl -u ", "key ", "x-pass-", '"', "createUser a b "):
        begin = time.process_time()
        mask(part * (65_536 // len(part)))
        assert time.process_time() - begin < GUARD, part


# -- files that are written -----------------------------------------------------------------------------------------


def test_an_output_replaces_its_file_in_one_step_and_follows_no_link(tmp_path: Path) -> None:
    file, link, victim = tmp_path / "x.patch", tmp_path / "link", tmp_path / "victim"
    file.write_text("old")
    file.chmod(0o644)
    held = os.open(file, os.O_RDONLY)
    write_output(str(file), b"new", private=True)
    assert os.read(held, 9) == b"old", "whoever had the public file open reads the secret"
    os.close(held)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    write_output(str(file), b"newer")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    victim.write_text("theirs")
    link.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        write_output(str(link), b"x")
    assert victim.read_text() == "theirs"
    with pytest.raises(OSError, match="directory"):
        write_output(str(tmp_path), b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "victim", "x.patch"]


def test_an_output_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(OSError, match="space"):
        write_output(str(tmp_path / "x"), b"x")
    assert not list(tmp_path.iterdir())


def test_a_fifo_and_standard_output_are_written_to(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    write_output(str(tmp_path / "fifo"), b"through")
    assert os.read(reader, 9) == b"through"
    os.close(reader)
    write_output("/dev/null", b"gone", private=True)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("option", ["--patch", "--html"])
def test_the_command_line_refuses_a_link_and_says_when_a_patch_is_private(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "host/etc/keepalived"
    folder.mkdir(parents=True)
    secret = "authentication {\n auth_pass hunter2\n auth_type PASS\n }\n"
    (folder / "keepalived.conf").write_text((INSTANCE % ("", "")).replace("interface lan0", f"{secret} interface lan0"))
    (tmp_path / "link").symlink_to(tmp_path / "victim")

    def run(where: Path) -> tuple[int, str]:
        words = ["upgrade", "--root", str(tmp_path / "host"), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon"]
        monkeypatch.setattr("sys.argv", ["keepalived-upgrade", *words, option, str(where)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().err

    status, said = run(tmp_path / "link")
    assert (status, (tmp_path / "victim").exists()) == (2, False)
    assert "symbolic link" in said
    status, said = run(tmp_path / "out")
    assert status == 0
    if option == "--patch":
        assert "only you can read it" in said
        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
        assert "hunter2" in (tmp_path / "out").read_text()
    else:
        assert "hunter2" not in (tmp_path / "out").read_text()


# -- the fuzzer itself ----------------------------------------------------------------------------------------------


def test_the_fuzzer_reaches_every_target_and_finds_no_fault() -> None:
    fuzzer = fuzz.Fuzzer(7)
    assert list(fuzzer.faults(2000, 60)) == []
    assert set(fuzzer.count) == set(fuzzer.targets)


def test_the_fuzzer_finds_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(text: bytes, release: Release) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(fuzz, "parse", fail)
    monkeypatch.setattr(fuzz, "KEPT", tmp_path)
    assert fuzz.run_mutations(3, 200, 60) == 20
    assert "reader: RecursionError: too deep" in capsys.readouterr().out
    assert list(tmp_path.iterdir())


def test_the_fuzzer_finds_what_is_slow_or_large(monkeypatch: pytest.MonkeyPatch) -> None:
    fuzzer = fuzz.Fuzzer(3)
    monkeypatch.setattr(fuzz, "MOST_SECONDS", 0.0)
    assert next(fuzzer.wrong("reader", b"x\n" * 1000)).endswith("s of CPU")
    monkeypatch.setattr(fuzz, "MOST_SECONDS", 9.0)
    grown = iter((0, 2**30))
    monkeypatch.setattr(fuzz, "memory", lambda: next(grown))
    assert next(fuzzer.wrong("reader", b"x\n")) == "1024 MiB of memory"
