"""Shell scripts: what is rewritten, what must not change, and that the result behaves as the old script did."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepalived_upgrade.dependents.follow import follow_file, language_of, patterns
from keepalived_upgrade.dependents.follow import tested_names as list_tested
from keepalived_upgrade.dependents.shell import follow_shell
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity

BOTH = {b"GW": (b"GW_v4", b"GW_v6")}
KEPT = {b"GW": (b"GW", b"GW_v6")}
ONE = {b"GW": (b"WAN",)}

# line before → line after, for GW → GW_v4 and GW_v6; each is run in a script below.
REWRITTEN = {
    'D=${0%/*}\nL=${#D}\n[ "${2:-x}" = GW ] && act gw': (
        'D=${0%/*}\nL=${#D}\n{ [ "${2:-x}" = GW_v4 ] || [ "${2:-x}" = GW_v6 ]; } && act gw'
    ),
    'S=$(echo "$3" | cut -c1-3)\n[ "$2" = GW ] && act "$S"': (
        'S=$(echo "$3" | cut -c1-3)\n{ [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } && act "$S"'
    ),
    '[ "$2" = "GW" ] && act gw': '{ [ "$2" = "GW_v4" ] || [ "$2" = "GW_v6" ]; } && act gw',
    "[ $2 = GW ] && act gw": "{ [ $2 = GW_v4 ] || [ $2 = GW_v6 ]; } && act gw",
    "[ GW = $2 ] && act gw": "{ [ GW_v4 = $2 ] || [ GW_v6 = $2 ]; } && act gw",
    "[ x$2 = xGW ] && act gw": "{ [ x$2 = xGW_v4 ] || [ x$2 = xGW_v6 ]; } && act gw",
    '[ "x$2" = "xGW" ] && act gw': '{ [ "x$2" = "xGW_v4" ] || [ "x$2" = "xGW_v6" ]; } && act gw',
    '[ "$2" != "GW" ] && act other': '{ [ "$2" != "GW_v4" ] && [ "$2" != "GW_v6" ]; } && act other',
    '[ ! "$2" = GW ] && act other': '{ [ ! "$2" = GW_v4 ] && [ ! "$2" = GW_v6 ]; } && act other',
    '! [ "$2" = GW ] && act other': '! { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } && act other',
    '[ "$2" = GW -a "$3" = MASTER ] && act up': (
        '{ [ "$2" = GW_v4 -a "$3" = MASTER ] || [ "$2" = GW_v6 -a "$3" = MASTER ]; } && act up'
    ),
    '[ "$3" = FAULT -o "$2" = GW ] && act up': (
        '{ [ "$3" = FAULT -o "$2" = GW_v4 ] || [ "$3" = FAULT -o "$2" = GW_v6 ]; } && act up'
    ),
    'test "$2" = GW && act gw': '{ test "$2" = GW_v4 || test "$2" = GW_v6; } && act gw',
    'test "$2" != GW || act gw': '{ test "$2" != GW_v4 && test "$2" != GW_v6; } || act gw',
    'if [ "$2" = GW ]; then act a; elif [ "$3" = MASTER ]; then act b; else act c; fi': (
        'if { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; }; then act a; elif [ "$3" = MASTER ]; then act b; else act c; fi'
    ),
    '[ "$3" = MASTER ] || [ "$2" = GW ] && act x': (
        '[ "$3" = MASTER ] || { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } && act x'
    ),
    'case "$2" in GW) act a ;; *) act b ;; esac': 'case "$2" in GW_v4|GW_v6) act a ;; *) act b ;; esac',
    'case $2 in "GW") act a ;; esac': 'case $2 in "GW_v4"|"GW_v6") act a ;; esac',
    "case $2 in 'GW'|LAN) act a ;; esac": "case $2 in 'GW_v4'|'GW_v6'|LAN) act a ;; esac",
    "case $2 in (GW) act a ;; esac": "case $2 in (GW_v4|GW_v6) act a ;; esac",
    "case $2 in G?) act a ;; esac": "case $2 in G?|GW_v4|GW_v6) act a ;; esac",
    "case $2 in [GH]W) act a ;; esac": "case $2 in [GH]W|GW_v4|GW_v6) act a ;; esac",
    'case "$2:$3" in GW:MASTER) act a ;; *:BACKUP) act b ;; esac': (
        'case "$2:$3" in GW_v4:MASTER|GW_v6:MASTER) act a ;; *:BACKUP) act b ;; esac'
    ),
    "case $2 in GW) act a ;; LAN) act b ;; esac; [ $2 = GW ] && act c": (
        "case $2 in GW_v4|GW_v6) act a ;; LAN) act b ;; esac; { [ $2 = GW_v4 ] || [ $2 = GW_v6 ]; } && act c"
    ),
    'I=GW\n[ "$2" = "$I" ] && act a': 'I=GW_v4\n{ [ "$2" = "$I" ] || [ "$2" = "GW_v6" ]; } && act a',
    'I=GW\n[ ! "$2" = "$I" ] && act a': 'I=GW_v4\n{ [ ! "$2" = "$I" ] && [ ! "$2" = "GW_v6" ]; } && act a',
    'I="GW"\ncase $2 in $I) act a ;; esac': 'I="GW_v4"\ncase $2 in $I|GW_v6) act a ;; esac',
    'for i in GW LAN; do [ "$2" = "$i" ] && act a; done\n:': (
        'for i in GW_v4 GW_v6 LAN; do [ "$2" = "$i" ] && act a; done\n:'
    ),
    "for i in LAN 'GW'; do\n  # one of ours\n  if [ $i = $2 ]; then act a; break; fi\ndone\n# then\nact b": (
        "for i in LAN 'GW_v4' 'GW_v6'; do\n  # one of ours\n  if [ $i = $2 ]; then act a; break; fi\ndone\n# then\nact b"
    ),
    "for i in GW LAN; do case $2 in $i) act a ;; esac; done; act b": (
        "for i in GW_v4 GW_v6 LAN; do case $2 in $i) act a ;; esac; done; act b"
    ),
    'f() {\n  for i in GW; do [ "$1" = "$i" ] && return 0; done\n  return 1\n}\nf "$2" && act a': (
        'f() {\n  for i in GW_v4 GW_v6; do [ "$1" = "$i" ] && return 0; done\n  return 1\n}\nf "$2" && act a'
    ),
    'f() {\n  [ "$1" = GW ] && act in\n}\nf "$2"': 'f() {\n  { [ "$1" = GW_v4 ] || [ "$1" = GW_v6 ]; } && act in\n}\nf "$2"',
}
BASH = {
    "[[ $2 == GW ]] && act a": "[[ ( $2 == GW_v4 || $2 == GW_v6 ) ]] && act a",
    '[[ "$2" != "GW" && $3 == MASTER ]] && act a': (
        '[[ ( "$2" != "GW_v4" && "$2" != "GW_v6" ) && $3 == MASTER ]] && act a'
    ),
    'I=GW\n[[ ! $2 == "$I" ]] && act a': 'I=GW_v4\n[[ ! ( $2 == "$I" || $2 == "GW_v6" ) ]] && act a',
    "[[ $2 = G? ]] && act a": "[[ ( $2 = G? || $2 = GW_v4 || $2 = GW_v6 ) ]] && act a",
    "[[ $2 =~ ^GW$ ]] && act a": "[[ $2 =~ ^(GW_v4|GW_v6)$ ]] && act a",
    '[[ "$2" =~ ^(GW|LAN)$ ]] && act a ${BASH_REMATCH[0]:+x}': (
        '[[ "$2" =~ ^(GW_v4|GW_v6|LAN)$ ]] && act a ${BASH_REMATCH[0]:+x}'
    ),
    "[[ ! $2 =~ ^GW$ || $3 == FAULT ]] && act a": "[[ ! $2 =~ ^(GW_v4|GW_v6)$ || $3 == FAULT ]] && act a",
    'for i in GW LAN; do [[ $2 == "$i" ]] && act a && act b; done; :': (
        'for i in GW_v4 GW_v6 LAN; do [[ $2 == "$i" ]] && act a && act b; done; :'
    ),
    "declare -A DEV=([GW]=eth0 [LAN]=eth1)\nact ${DEV[$2]}": (
        "declare -A DEV=([GW_v4]=eth0 [GW_v6]=eth0 [LAN]=eth1)\nact ${DEV[$2]}"
    ),
    "declare -A DEV=(['GW']=eth0)\nact ${DEV[$2]}": "declare -A DEV=(['GW_v4']=eth0 ['GW_v6']=eth0)\nact ${DEV[$2]}",
}
# What must stay to the byte: other names that only look like it, and patterns that accept every new name.
TRAPS = [
    "case $2 in GW*) act a ;; esac",
    "case $2 in *) act a ;; esac",
    "case $2 in GW_DNS) act a ;; esac",
    "case $2 in GW1|GW10) act a ;; esac",
    "[ $2 = GW_DNS ] && act a",
    "[ $2 = LAN ] && act a",
    "[[ $2 == GW* ]] && act a",
    "case $2 in G*) act a ;; *_v6) act b ;; esac",
    "[[ $2 =~ ^GW ]] && act a",
    "[[ $2 =~ GW ]] && act a",
    '[[ $2 =~ "GW" ]] && act a',
    "[[ $2 =~ ^GW.*$ ]] && act a",
    "[[ $2 =~ ^(LAN|WAN)$ ]] && act a",
    "for i in GW_DNS LAN; do [ $2 = $i ] && act a; done; :",
    "DNS_GW_VIP=1; act $DNS_GW_VIP",
    "GWX=1; [ $GWX = 1 ] && act a",
    "pgrep MYGW && act a",
    "act $(printf 'a GWB c' | cut -c1)",
    "[ -n $2 ] && act a",
    "[ $1 -eq 42 ] && act a",
]


def script(body: str, shell: str = "sh") -> bytes:
    return f"#!/bin/{shell}\n{body}\nexit 0\n".encode()


def rewrite(source: bytes, names: dict[bytes, tuple[bytes, ...]] = BOTH) -> bytes:
    return apply_edits(source, follow_shell("/x", source, names).edits)


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a command `act` that says how it was called; nothing else is found on the PATH but what sh needs."""
    folder = tmp_path_factory.mktemp("recorder")
    for name in ("act", "pgrep", "logger", "ip"):
        command = folder / name
        command.write_text(f'#!/bin/sh\necho "{name} $*"\n')
        command.chmod(0o755)
    (folder / "cut").symlink_to("/usr/bin/cut")
    return folder


def trace(source: bytes, name: str, state: str, shell: str, recorder: Path) -> tuple[str, int]:
    done = subprocess.run(
        [f"/bin/{shell}", "-s", "INSTANCE", name, state, "100"],
        input=source,
        capture_output=True,
        env={"PATH": str(recorder)},
        cwd=recorder,
        timeout=10,
        check=False,
    )
    return done.stdout.decode(), done.returncode


def check_same(
    before: bytes, after: bytes, shell: str, recorder: Path, states: tuple[str, ...] = ("MASTER", "STOP")
) -> None:
    for state in states:
        old = trace(before, "GW", state, shell, recorder)
        for name in ("GW_v4", "GW_v6"):
            assert trace(after, name, state, shell, recorder) == old, (name, state)
        for name in ("LAN", "GW1", ""):
            assert trace(after, name, state, shell, recorder) == trace(before, name, state, shell, recorder), (
                name,
                state,
            )


@pytest.mark.parametrize("before", [*REWRITTEN, *BASH])
def test_a_test_for_the_old_name_accepts_each_new_one(before: str, recorder: Path) -> None:
    shell = "bash" if before in BASH else "sh"
    source, wanted = script(before, shell), script({**REWRITTEN, **BASH}[before], shell)
    assert rewrite(source).decode() == wanted.decode()
    assert rewrite(wanted) == wanted
    check_same(source, wanted, shell, recorder, ("MASTER", "BACKUP", "FAULT", "STOP"))


@pytest.mark.parametrize("before", [*REWRITTEN, *BASH])
def test_where_a_half_keeps_the_name_a_second_run_changes_nothing(before: str) -> None:
    first = follow_shell("/x", script(before, "bash"), KEPT)
    once = apply_edits(script(before, "bash"), first.edits)
    again = follow_shell("/x", once, KEPT)
    assert again.edits == ()
    assert b"GW_v6" in once or first.findings


@pytest.mark.parametrize("before", [*REWRITTEN, *BASH])
def test_one_new_name_only_takes_the_old_one_s_place(before: str) -> None:
    once = rewrite(script(before, "bash"), ONE)
    if "?" in before or "[GH]" in before:
        return
    assert once == script(before.replace("GW", "WAN"), "bash")


@pytest.mark.parametrize("body", TRAPS)
def test_what_only_looks_like_the_name_stays(body: str) -> None:
    result = follow_shell("/x", script(body, "bash"), BOTH)
    assert result.edits == ()
    assert result.findings == ()


@pytest.mark.parametrize(
    ("body", "id", "severity"),
    [
        ("# GW is ours\n:", "comment", Severity.INFO),
        ("echo GW is up", "text", Severity.INFO),
        ("cat <<EOF\nGW\nEOF", "text", Severity.INFO),
        ("ip route add table GW", "mention", Severity.REVIEW),
        ("N=${1:-GW}", "not-followed", Severity.DECISION),
        ('act "${1:=GW}"', "not-followed", Severity.DECISION),
        ("LOG=/var/log/GW.log", "mention", Severity.REVIEW),
        ("touch /run/GW.lock", "mention", Severity.REVIEW),
        ("I=GW\necho $I\n[ $2 = $I ] && act a", "not-followed", Severity.DECISION),
        ('export I="GW"', "not-followed", Severity.DECISION),
        ("for i in GW LAN; do act $i; done", "not-rewritten", Severity.DECISION),
        ('for i in GW LAN; do [ "$2" != "$i" ] && act a; done; :', "not-rewritten", Severity.DECISION),
        ('for i in GW LAN; do [ "$2" = "$i" ] && act a || act b; done; :', "not-rewritten", Severity.DECISION),
        ('for i in GW LAN; do if [ "$2" = "$i" ]; then :; else act b; fi; done; :', "not-rewritten", Severity.DECISION),
        ('for i in LAN GW; do [ "$2" = "$i" ] && act a; done\nexit', "not-rewritten", Severity.DECISION),
        ('f() {\n  for i in GW; do [ "$2" = "$i" ] && act a; done\n}\nf "$@"', "not-rewritten", Severity.DECISION),
        ('for i in LAN GW; do [ "$2" = "$i" ] && act a; done; act $?', "not-rewritten", Severity.DECISION),
        ('n=0; for i in GW LAN; do n=$((n+1)); [ "$2" = "$i" ] && act $n; done; :', "not-rewritten", Severity.DECISION),
        ("I=$2; for i in GW LAN; do [ $I = $i ] && I=x; done; :", "not-rewritten", Severity.DECISION),
        ("for i in GW LAN; do [ $1 = $i ] && shift; done; :", "not-rewritten", Severity.DECISION),
        ("[[ $2 =~ GW$ ]] && act a", "not-rewritten", Severity.DECISION),
        ("[[ $2 =~ ^LAN|GW$ ]] && act a", "not-rewritten", Severity.DECISION),
        ("[[ $2$3 =~ ^GW$ ]] && act a", "not-rewritten", Severity.DECISION),
        ('[[ $2 =~ ^"GW"$ ]] && act a', "not-rewritten", Severity.DECISION),
        ('I=GW\n[ "$(act)" = "$I" ] && act a', "not-followed", Severity.DECISION),
        ('I=GW\n[[ `act` == "$I" ]] && act a', "not-followed", Severity.DECISION),
        ("[[ $(act) == GW ]] && act a", "not-rewritten", Severity.DECISION),
        ("re='^GW$'\n[[ $2 =~ $re ]] && act a", "not-followed", Severity.DECISION),
        ('declare -A D=([GW]=1)\nfor k in "${!D[@]}"; do act $k; done', "not-rewritten", Severity.DECISION),
        ("declare -A D=([GW]=0)\nD[$2]=1\nact ${D[$2]}", "not-rewritten", Severity.DECISION),
        ("declare -A D=([GW]=0)\nact ${#D[@]}", "not-rewritten", Severity.DECISION),
        ("[ $2 = GW -o $1 = GW ] && act a", "not-rewritten", Severity.DECISION),
        ("[ $(act) = GW ] && act a", "not-rewritten", Severity.DECISION),
        ("test $2 = GW -o $1 = GW && act a", "not-rewritten", Severity.DECISION),
        ("case $2 in GW-x) act a ;; esac", "mention", Severity.REVIEW),
        ("case $2 in\n*_v6) act six ;;\nGW) act a ;;\nesac", "caught", Severity.DECISION),
        ("case $2 in\nLAN) act b ;;\n*_v6) act six ;;\nesac", "caught", Severity.DECISION),
        ("case $2 in\nGW) act b ;;&\n*4) act six ;;\nesac", "caught", Severity.DECISION),
        ("[[ $2 == *4 ]] && act a", "caught", Severity.DECISION),
        ("case $2 in\nGW) act b ;&\n*) act c ;;&\n*4) act six ;;\nesac", "caught", Severity.DECISION),
        ("x=(((\n[ $2 = GW ]\n", "unreadable", Severity.DECISION),
        ("! { [ $2 = GW ]; } && act a", "not-rewritten", Severity.DECISION),
        ('[ "${2%%_*}" = GW ] && act a', "not-rewritten", Severity.DECISION),
        ('[[ ${2:0:2} == "GW" ]] && act a', "not-rewritten", Severity.DECISION),
        ('case "${2#VI_}" in GW) act a ;; esac', "not-rewritten", Severity.DECISION),
        ('case "${2/_/-}" in G?) act a ;; esac', "not-rewritten", Severity.DECISION),
        ('N=$(echo "$2" | cut -d_ -f1)\nM=$N\n[ "$M" = GW ] && act a', "not-rewritten", Severity.DECISION),
        ('IFS=_ read -r a b <<< "$2"\n[ "$a" = GW ] && act a', "not-rewritten", Severity.DECISION),
        ('f() { [ "$1" = GW ] && act a; }\nf "${2%_*}"', "not-rewritten", Severity.DECISION),
        ('N=${2^^}\necho "$N" | grep -qx GW && act a', "not-rewritten", Severity.DECISION),
        ("N=${2%_*}\n[[ $N =~ ^GW$ ]] && act a", "not-rewritten", Severity.DECISION),
        ('for n in GW LAN; do [ "$n" = "${2%_*}" ] && act a; done; :', "not-rewritten", Severity.DECISION),
        ("cat <<E | while read -r n; do act $n; done\nGW\nE", "not-rewritten", Severity.DECISION),
        ("cat <<E | logger\nGW\nE", "text", Severity.INFO),
        ("while read -r n; do act $n; done < <(printf '%s\\n' GW)", "not-rewritten", Severity.DECISION),
        ("read -r a b <<< 'GW x'\nact $a", "not-rewritten", Severity.DECISION),
        ("GW() { act a; }\nGW", "mention", Severity.REVIEW),
        ("su - ha -c 'act GW'", "not-rewritten", Severity.DECISION),
        ("time [ $2 = GW ]", "not-rewritten", Severity.DECISION),
        ('[[ -v D[GW] ]] && act "${D[$2]}"', "not-rewritten", Severity.DECISION),
        ('[ "$2.$3" = GW.MASTER ] && act a', "not-rewritten", Severity.DECISION),
        ("[ -f /run/GW.state ] && act a", "mention", Severity.REVIEW),
        ('[ "$2" = "$(cat /run/last)" ] || [ GW = $(cat /run/last) ]', "not-rewritten", Severity.DECISION),
        ("case $HOSTNAME in GW) act a ;; esac", "not-rewritten", Severity.DECISION),
        ('I=GW\n[ "$1" = "GW" -o "${2}" = "$I" ] && act a', "not-followed", Severity.DECISION),
        ('I=GW\n[ "${2%_*}" = "$I" ] && act a', "not-followed", Severity.DECISION),
        ('while echo "$2" | grep -qE ^GW$; do act b; break; done', "unreadable", Severity.DECISION),
        ('if echo "$2" | grep -q ^LAN$; then act b; fi\ncase $2 in *_v6) act ;; esac', "unreadable", Severity.DECISION),
    ],
)
def test_what_cannot_be_rewritten_safely_is_a_finding(body: str, id: str, severity: Severity) -> None:
    result = follow_shell("/x", script(body, "bash"), BOTH)
    found = [f for f in result.findings if f.id == f"names/shell/{id}"]
    assert found, result
    assert found[0].severity is severity
    assert found[0].place.line > 1
    assert found[0].cure


def test_every_mention_is_an_edit_or_a_finding() -> None:
    body = "\n".join([*REWRITTEN, "echo GW", "act GW", "# GW"])
    source = script(body)
    result = follow_shell("/x", source, BOTH)
    edited = apply_edits(source, result.edits)
    left = [
        number
        for number, line in enumerate(source.split(b"\n"), 1)
        if re.search(rb"(?<!\w)GW(?!\w)", line) and line in edited.split(b"\n")
    ]
    assert set(left) <= {finding.place.line for finding in result.findings}


ATOMS = st.sampled_from(
    ['[ "$2" = GW ]', "[ GW != $2 ]", '[ x"$2" = xGW ]', "[ $3 = MASTER ]", "test $2 = GW", "[ $2 = LAN ]"]
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(" ".join),
        ATOMS.filter(lambda text: not text.startswith("{")).map(lambda text: f"! {text}"),
    ),
    max_leaves=4,
)
STATEMENTS = st.recursive(
    st.sampled_from(["act a", "act b $3"]),
    lambda inner: st.one_of(
        st.tuples(CONDITIONS, inner, inner).map(lambda t: f"if {t[0]}; then\n{t[1]}\nelse\n{t[2]}\nfi"),
        st.tuples(st.sampled_from(["GW", "GW|LAN", '"GW"', "G?", "GW*"]), inner, inner).map(
            lambda t: f"case $2 in\n{t[0]}) {t[1]} ;;\n*) {t[2]} ;;\nesac"
        ),
        st.tuples(inner, inner).map("\n".join),
    ),
    max_leaves=4,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(STATEMENTS)
def test_generated_scripts_behave_as_before(recorder: Path, body: str) -> None:
    source = script(body)
    result = follow_shell("/x", source, BOTH)
    assert not [f for f in result.findings if f.severity is Severity.DECISION]
    check_same(source, apply_edits(source, result.edits), "sh", recorder, ("MASTER",))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="GW[]()=! \"'$|&;{}\ncasein", max_size=80).map(str.encode)))
def test_any_bytes_give_edits_that_can_be_made(source: bytes) -> None:
    result = follow_shell("/x", source, BOTH)
    apply_edits(source, result.edits)


def test_patterns_and_tested_names_are_listed_with_their_lines() -> None:
    source = script("case $2 in\nVI_*) ;;\nGW) ;;\nesac\n[[ $2 == L?N ]]\n[ x$2 = xWAN ]\nI=LAN", "bash")
    assert patterns(source, "/x") == ((3, b"VI_*"), (6, b"L?N"))
    assert {name for _, name in list_tested(source, "/x")} == {b"GW", b"WAN", b"LAN"}
    assert patterns(b"#!/bin/sh\n:\n", "/x") == ()


@pytest.mark.parametrize(
    ("path", "source", "language"),
    [
        ("/x", b"#!/bin/sh\n", "shell"),
        ("/x", b"#!/usr/bin/env -S bash -e\n", "shell"),
        ("/x", b"#!/usr/bin/python2.7\n", "python"),
        ("/x", b"#!/usr/bin/perl\n", "perl"),
        ("/x.sh", b":\n", "shell"),
        ("/x.py", b"pass\n", "python"),
        ("/x", b"if [ a = b ]; then :; fi\n", "shell"),
        ("/x.conf", b"name = GW\n", "text"),
    ],
)
def test_the_language_of_a_file_is_told_by_shebang_ending_and_look(path: str, source: bytes, language: str) -> None:
    assert language_of(path, source) == language


def test_other_files_list_their_mentions_and_binaries_none() -> None:
    text = b"# about GW\nname = GW\nGW again GW\nGW1\n"
    found = follow_file("/etc/monit.conf", text, BOTH).findings
    assert [(f.place.line, f.severity) for f in found] == [
        (1, Severity.INFO),
        (2, Severity.REVIEW),
        (3, Severity.REVIEW),
    ]
    assert follow_file("/x", b"GW\0", BOTH).findings == ()
    assert follow_file("/x", b"GWx", BOTH).findings == ()


@pytest.mark.parametrize("head", ["I=GW\n", "#!/bin/sh\nexport I=GW\n"])
def test_a_constant_that_another_script_may_test_keeps_its_value(head: str) -> None:
    source = f'{head}[ "$2" = "$I" ] && act a\n'.encode()
    result = follow_shell("/etc/keepalived/lib.sh", source, BOTH)
    assert result.edits == ()
    assert [(f.id, f.severity) for f in result.findings] == [("names/shell/not-followed", Severity.DECISION)]
    assert rewrite(source, ONE) == source.replace(b"GW", b"WAN")


def test_a_script_that_does_not_parse_is_rewritten_for_good_or_not_at_all() -> None:
    """The grammar reads on after an error at another place once the first line is rewritten."""
    source = b'! [ "$1" = GW -a "$3" = MASTER ] - && act p\n[[ $2 =~ ^(GW|LAN)$ ]] && act p\nfi'
    result = follow_shell("/x", source, {b"GW": (b"GW_v4", b"GW_v6")})
    assert result.edits == ()
    assert "names/shell/unsafe" in {finding.id for finding in result.findings}
