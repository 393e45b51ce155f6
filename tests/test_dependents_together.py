"""Names followed from one file into another: scripts that source others, modules that import others."""

from __future__ import annotations

import pytest

from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.dependents.spans import Cover, Spans
from keepalived_upgrade.dependents.together import follow_files
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity

BOTH = {b"GW": (b"GW_v4", b"GW_v6")}
ONE = {b"GW": (b"INET",)}
Files = dict[str, str]


def follow(files: Files, names: dict[bytes, tuple[bytes, ...]] = BOTH, unknown: str = "?") -> dict[str, FollowResult]:
    """unknown: what paths begin with that stand on the host and are none of the files."""
    texts = {path: text.encode() for path, text in files.items()}

    def find(path: str) -> str | None:
        return path if path in texts else None if path.startswith(unknown) else ""

    results = dict(follow_files(texts, names, find, texts))
    after = {path: apply_edits(texts[path], result.edits) for path, result in results.items()}
    again = dict(follow_files(after, names, lambda path: path if path in after else "", after))
    assert not any(result.edits for result in again.values()), "a second run changes more"
    return results


def rewritten(files: Files, names: dict[bytes, tuple[bytes, ...]] = BOTH) -> Files:
    return {
        path: apply_edits(files[path].encode(), result.edits).decode() for path, result in follow(files, names).items()
    }


def said(files: Files, path: str, unknown: str = "?") -> list[tuple[str, Severity, int, str]]:
    found = follow(files, unknown=unknown)[path].findings
    return [(f.id.rpartition("/")[2], f.severity, f.place.line, f.message) for f in found]


SH = "#!/bin/sh\n"
PY = "#!/usr/bin/python3\nimport sys\n"
# situation: files before, files after
REWRITTEN: dict[str, tuple[Files, Files]] = {
    "a constant of a sourced file is compared": (
        {"/e/vars.sh": "INST=GW\n", "/e/n.sh": SH + '. /e/vars.sh\n[ "$2" = "$INST" ] && act\n'},
        {
            "/e/vars.sh": "INST=GW_v4\n",
            "/e/n.sh": SH + '. /e/vars.sh\n{ [ "$2" = "$INST" ] || [ "$2" = "GW_v6" ]; } && act\n',
        },
    ),
    "a constant of a program is compared in what it sources": (
        {
            "/e/lib.sh": 'is_gw() { [ "$1" = "$INST" ]; }\n',
            "/e/n.sh": SH + 'INST=GW\nD=$(dirname "$0")\n[ -f "$D/lib.sh" ] && . "$D/lib.sh"\nis_gw "$2" && act\n',
        },
        {
            "/e/lib.sh": 'is_gw() { { [ "$1" = "$INST" ] || [ "$1" = "GW_v6" ]; }; }\n',
            "/e/n.sh": SH + 'INST=GW_v4\nD=$(dirname "$0")\n[ -f "$D/lib.sh" ] && . "$D/lib.sh"\nis_gw "$2" && act\n',
        },
    ),
    "settings that several scripts source": (
        {
            "/etc/default/keepalived": 'INST=GW\nLIST="GW LAN"\n',
            "/e/a.sh": SH + "[ -r /etc/default/keepalived ] && . /etc/default/keepalived\n"
            'case "$2" in "$INST") act ;; esac\n',
            "/e/b.sh": SH + ". /etc/default/keepalived\nfor i in $LIST; do [ $i = $2 ] && act; done\ntrue\n",
        },
        {
            "/etc/default/keepalived": 'INST=GW_v4\nLIST="GW_v4 GW_v6 LAN"\n',
            "/e/a.sh": SH + "[ -r /etc/default/keepalived ] && . /etc/default/keepalived\n"
            'case "$2" in "$INST"|"GW_v6") act ;; esac\n',
            "/e/b.sh": SH + ". /etc/default/keepalived\nfor i in $LIST; do [ $i = $2 ] && act; done\ntrue\n",
        },
    ),
    "a function of a sourced file is one comparison": (
        {
            "/e/lib.sh": 'is() { [ "$1" = "$2" ]; }\n',
            "/e/n.sh": SH + '. ./lib.sh\nis "$2" GW && act\nI=GW\nis "$2" "$I" && act\n',
        },
        {
            "/e/lib.sh": 'is() { [ "$1" = "$2" ]; }\n',
            "/e/n.sh": SH + '. ./lib.sh\n{ is "$2" GW_v4 || is "$2" GW_v6; } && act\nI=GW_v4\n'
            '{ is "$2" "$I" || is "$2" "GW_v6"; } && act\n',
        },
    ),
    "an array of a sourced file is looked up": (
        {"/e/lib.sh": "declare -A D=([GW]=lan0)\n", "/e/n.sh": "#!/bin/bash\nsource lib.sh\necho ${D[$2]}\n"},
        {
            "/e/lib.sh": "declare -A D=([GW_v4]=lan0 [GW_v6]=lan0)\n",
            "/e/n.sh": "#!/bin/bash\nsource lib.sh\necho ${D[$2]}\n",
        },
    ),
    "a constant of an imported module, its list and its dict": (
        {
            "/e/names.py": 'VI = "GW"\nALL = ["GW", "LAN"]\nDEV = {"GW": "lan0"}\n',
            "/e/a.py": PY + "import names\nif sys.argv[2] == names.VI or sys.argv[2] in names.ALL:\n    act()\n",
            "/e/b.py": PY + "from names import VI as X, DEV\nif sys.argv[2] != X:\n    act(DEV.get(sys.argv[2]))\n",
        },
        {
            "/e/names.py": 'VI = ("GW_v4", "GW_v6")\nALL = ["GW_v4", "GW_v6", "LAN"]\n'
            'DEV = {"GW_v4": "lan0", "GW_v6": "lan0"}\n',
            "/e/a.py": PY + "import names\nif sys.argv[2] in names.VI or sys.argv[2] in names.ALL:\n    act()\n",
            "/e/b.py": PY + "from names import VI as X, DEV\nif sys.argv[2] not in X:\n    act(DEV.get(sys.argv[2]))\n",
        },
    ),
    "a name that one module hands on to another": (
        {
            "/e/names.py": 'VI = "GW"\n',
            "/e/mid.py": "from names import VI\n",
            "/e/a.py": PY + 'import mid\nif sys.argv[2] == mid.VI:\n    act("é")\n',
        },
        {
            "/e/names.py": 'VI = ("GW_v4", "GW_v6")\n',
            "/e/mid.py": "from names import VI\n",
            "/e/a.py": PY + 'import mid\nif sys.argv[2] in mid.VI:\n    act("é")\n',
        },
    ),
    "a module of a package": (
        {
            "/e/lib/names.py": 'class Gate:\n    VI = "GW"\n\nVI = "GW"\n',
            "/e/lib/__init__.py": "",
            "/e/a.py": PY + "from lib import names as n\nif sys.argv[2] == n.VI:\n    act()\n",
        },
        {
            "/e/lib/names.py": 'class Gate:\n    VI = "GW"\n\nVI = ("GW_v4", "GW_v6")\n',
            "/e/lib/__init__.py": "",
            "/e/a.py": PY + "from lib import names as n\nif sys.argv[2] in n.VI:\n    act()\n",
        },
    ),
    "a function of Python that is one comparison": (
        {
            "/e/a.py": PY
            + 'def at(n, want):\n    """Ask."""\n    return n == want\nif at(sys.argv[2], "GW"):\n    act()\n'
        },
        {
            "/e/a.py": PY + 'def at(n, want):\n    """Ask."""\n    return n == want\n'
            'if (at(sys.argv[2], "GW_v4") or at(sys.argv[2], "GW_v6")):\n    act()\n'
        },
    ),
    "a function of another module that compares otherwise": (
        {
            "/e/lib.py": "def other(*, name, want):\n    return want != name\n",
            "/e/a.py": PY + 'from lib import other\nif other(want="GW", name=sys.argv[2]):\n    act()\n',
        },
        {
            "/e/lib.py": "def other(*, name, want):\n    return want != name\n",
            "/e/a.py": PY + "from lib import other\n"
            'if (other(want="GW_v4", name=sys.argv[2]) and other(want="GW_v6", name=sys.argv[2])):\n    act()\n',
        },
    ),
}
# situation: files, the file with the finding, its id, a part of its message
LEFT: dict[str, tuple[Files, str, str, str]] = {
    "several files assign the constant": (
        {"/e/v.sh": "I=GW\n", "/e/n.sh": SH + 'I=GW\n. ./v.sh\n[ "$2" = "$I" ] && act\n'},
        "/e/v.sh",
        "not-followed",
        "line 2 of /e/n.sh assigns it as well",
    ),
    "one of the scripts does more with it": (
        {
            "/e/v.sh": "I=GW\n",
            "/e/a.sh": SH + '. ./v.sh\n[ "$2" = "$I" ] && act\n',
            "/e/b.sh": SH + ". /e/v.sh\necho $I >/run/x\n",
        },
        "/e/v.sh",
        "not-followed",
        "line 3 of /e/b.sh uses it for more",
    ),
    "another script gives the variable another value": (
        {
            "/e/lib.sh": '[ "$2" = "$I" ] && act\n',
            "/e/a.sh": SH + "I=GW\n. ./lib.sh\n",
            "/e/b.sh": SH + "I=LAN\n. ./lib.sh\n",
        },
        "/e/a.sh",
        "not-followed",
        "/e/b.sh reads this file too",
    ),
    "a comment leaves something out": (
        {
            "/e/v.sh": "I=GW\n",
            "/e/a.sh": SH + '. ./v.sh\n[ "$2" = "$I" ] && act # keepalived-upgrade: ignore[names]\n',
        },
        "/e/v.sh",
        "not-followed",
        "a comment in /e/a.sh",
    ),
    "a file that is not known is sourced": (
        {"/e/n.sh": SH + 'I=GW\n. "$CONF"\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "line 3 sources a file that is not known",
    ),
    "a file that is there and no dependent is sourced": (
        {"/e/n.sh": SH + 'I=GW\n. ?/big.sh\n. /opt/none.sh\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "line 3 sources",
    ),
    "a sourced file does not parse": (
        {"/e/v.sh": "I=GW\nif (\n", "/e/n.sh": SH + '. ./v.sh\n[ "$2" = "$I" ] && act\n'},
        "/e/v.sh",
        "unreadable",
        "does not parse",
    ),
    "nothing reads the constant": (
        {"/e/v.sh": "I=GW\n", "/e/n.sh": SH + ". ./v.sh\nact\n"},
        "/e/v.sh",
        "not-followed",
        "nothing that is followed compares it",
    ),
    "a script reads the variable anew": (
        {"/e/n.sh": SH + 'I=GW\nread -r I </run/x\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "line 3 names it",
    ),
    "a script exports the variable": (
        {"/e/n.sh": SH + 'I=GW\nexport I\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "line 3 names it",
    ),
    "everything is exported": (
        {"/e/n.sh": SH + 'set -a\nI=GW\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "line 2 may read or export it",
    ),
    "the constant is set in a function": (
        {"/e/n.sh": SH + 'f() { I=GW; }\nf\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "it is set in a function",
    ),
    "a module constant is handed on": (
        {
            "/e/names.py": 'VI = "GW"\n',
            "/e/a.py": PY + "import names\nif sys.argv[2] == names.VI:\n    act()\n",
            "/e/b.py": PY + 'import names\nopen("/run/" + names.VI)\n',
        },
        "/e/names.py",
        "not-followed",
        "line 4 of /e/b.py uses it for more",
    ),
    "all of a module is imported": (
        {"/e/names.py": 'VI = "GW"\n', "/e/a.py": PY + "from names import *\nif sys.argv[2] == VI:\n    act()\n"},
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a module is handed on": (
        {
            "/e/names.py": 'VI = "GW"\n',
            "/e/a.py": PY + 'import names\nif sys.argv[2] == names.VI:\n    act()\ngetattr(names, "V" + "I")\n',
        },
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a module under a dotted name": (
        {
            "/e/lib/names.py": 'VI = "GW"\n',
            "/e/a.py": PY + "import lib.names\nif sys.argv[2] == lib.names.VI:\n    act()\n",
        },
        "/e/lib/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a module that is imported in two ways": (
        {
            "/e/names.py": 'VI = "GW"\n',
            "/e/a.py": PY + "try:\n    import names\nexcept ImportError:\n    names = None\n"
            "if sys.argv[2] == names.VI:\n    act()\n",
        },
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a module of Python 2": (
        {"/e/names.py": 'VI = "GW"\n', "/e/a.py": PY + 'import names\nif sys.argv[2] == names.VI:\n    print "x"\n'},
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a module constant that is compared with the name": (
        {"/e/names.py": 'VI = "GW"\n', "/e/a.py": PY + 'import names\nif names.VI == "GW":\n    act()\n'},
        "/e/a.py",
        "not-rewritten",
        "GW",
    ),
    "a module constant that nothing reads": (
        {"/e/names.py": 'VI = "GW"\n', "/e/a.py": PY + "import names\nact(names.OTHER)\n"},
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a constant of a program that others may import": (
        {"/e/lib.py": "", "/e/a.py": 'import lib\nVI = "GW"\nif name == VI:\n    act()\n'},
        "/e/a.py",
        "not-followed",
        "kept in a variable",
    ),
    "an attribute of another module": (
        {"/e/lib.py": "", "/e/a.py": PY + 'import lib\nlib.VI = "GW"\nact(lib.VI)\n'},
        "/e/a.py",
        "not-followed",
        "kept in a variable",
    ),
    "a module that another one hands on": (
        {
            "/e/names.py": 'VI = "GW"\n',
            "/e/mid.py": "import names\n",
            "/e/a.py": PY + "from mid import names\nif sys.argv[2] == names.VI:\n    act()\n",
        },
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "modules that import each other": (
        {
            "/e/a.py": PY + 'from b import VJ\nVI = "GW"\nact(VI, VJ)\n',
            "/e/b.py": "from a import VI\nVJ = VI\n",
        },
        "/e/a.py",
        "not-followed",
        "uses it for more",
    ),
    "a module in Latin-1": (
        {
            "/e/names.py": '# coding: latin-1\nVI = "GW"\n',
            "/e/a.py": PY + "import names\nif sys.argv[2] == names.VI:\n    act()\n",
        },
        "/e/names.py",
        "not-followed",
        "kept in a variable",
    ),
    "a function of Python that keeps what it asked": (
        {"/e/a.py": PY + 'def f(n):\n    x = n == sys.argv[2]\n    return x\nf("GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a function of Python that asks twice": (
        {"/e/a.py": PY + 'def f(n):\n    return n == sys.argv[2] or n == sys.argv[3]\nf("GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a function of Python that runs something": (
        {"/e/a.py": PY + 'def f(n):\n    return n == ask()\nf("GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a function of Python that asks for the opposite": (
        {"/e/a.py": PY + 'def f(n):\n    return not n == sys.argv[2]\nf("GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a function of Python that gives the name to itself": (
        {"/e/a.py": PY + 'def f(n):\n    I = "GW"\n    return n == I and n < sys.argv[2]\nf("GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a constant that is exported where it is set": (
        {"/e/n.sh": SH + 'export I=GW\n[ "$2" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "it is exported",
    ),
    "a constant whose test runs something": (
        {"/e/n.sh": SH + 'I=GW\n[ "$(ask)" = "$I" ] && act\n'},
        "/e/n.sh",
        "not-followed",
        "cannot be written twice",
    ),
    "a function of Python that does more": (
        {"/e/a.py": PY + 'def f(n):\n    if n == sys.argv[2]:\n        act()\nf("GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a function of Python that is handed the name and asks for it": (
        {"/e/a.py": PY + 'def f(n):\n    return n == "GW"\nf("GW")\nf(n="GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
    "a function of Python that takes what it gets": (
        {"/e/a.py": PY + 'def f(*n):\n    return n[0] == "x"\nf("GW")\nf(*sys.argv, "GW")\n'},
        "/e/a.py",
        "not-rewritten",
        "handed to the function f",
    ),
}


@pytest.mark.parametrize("situation", REWRITTEN)
def test_a_name_is_followed_from_file_to_file(situation: str) -> None:
    before, after = REWRITTEN[situation]
    assert rewritten(before) == after


@pytest.mark.parametrize("situation", LEFT)
def test_what_cannot_be_followed_from_file_to_file_is_said_with_its_line(situation: str) -> None:
    files, path, id, message = LEFT[situation]
    results = follow(files)
    assert not any(result.edits for result in results.values())
    found = [f for f in results[path].findings if f.id.endswith(f"/{id}") and message in f.message]
    assert found
    assert all(f.severity is Severity.DECISION and f.place.path == path for f in found)


def test_one_new_name_needs_no_more_tests() -> None:
    files = {
        "/e/v.sh": "I=GW\n",
        "/e/a.sh": SH + '. ./v.sh\nexport I\n[ "$2" = "$I" ] && act\n',
        "/e/names.py": 'VI = "GW"\n',
        "/e/a.py": PY + "import names\ndef f(n):\n    return n == sys.argv[2]\n"
        'if sys.argv[2] == names.VI or f("GW"):\n    act()\n',
    }
    after = rewritten(files, ONE)
    assert after == {path: text.replace("GW", "INET") for path, text in files.items()}


def test_what_others_may_read_is_said_where_it_changes() -> None:
    files = {"/e/v.sh": "X=1\nI=GW\n", "/e/n.sh": SH + '. ./v.sh\n[ "$2" = "$I" ] && act\n'}
    ((id, severity, line, message),) = said(files, "/e/v.sh")
    assert (id, severity, line) == ("shared", Severity.REVIEW, 2)
    assert "/e/n.sh" in message


def test_a_constant_that_only_some_scripts_read_is_followed_there() -> None:
    files = {
        "/e/v.sh": "I=GW\n",
        "/e/a.sh": SH + '. ./v.sh\n[ "$2" = "$I" ] && act\n',
        "/e/b.sh": SH + ". ./v.sh\nact GWX\n",
        "/e/names.py": 'VI = "GW"\n',
        "/e/a.py": PY + "import names\nif sys.argv[2] == names.VI:\n    act()\n",
        "/e/b.py": PY + "import names\nact(names.OTHER)\n",
    }
    after = rewritten(files)
    assert after["/e/v.sh"] == "I=GW_v4\n"
    assert after["/e/names.py"] == 'VI = ("GW_v4", "GW_v6")\n'


def test_scripts_that_source_each_other_are_followed_once() -> None:
    files = {
        "/e/a.sh": SH + 'I=GW\n. ./b.sh\n[ "$2" = "$I" ] && act\n',
        "/e/b.sh": '. ./a.sh\n[ "$3" = "$I" ] && act\n',
    }
    after = rewritten(files)
    assert '[ "$3" = "GW_v6" ]' in after["/e/b.sh"]
    assert '[ "$2" = "GW_v6" ]' in after["/e/a.sh"]


def test_the_last_command_of_a_file_stays_its_status() -> None:
    """A loop at the end of a program gives its exit status, whatever is sourced before."""
    files = {
        "/e/v.sh": 'L="GW LAN"\n',
        "/e/n.sh": SH + ". ./v.sh\nfor i in $L; do [ $i = $2 ] && act; done\n",
    }
    assert rewritten(files) == files


def test_spans_that_touch_do_not_overlap() -> None:
    spans = Spans()
    spans.add(10, 20)
    spans.add(30, 30)
    assert [spans.overlaps(*span) for span in ((0, 10), (20, 25), (19, 21), (25, 35), (12, 12), (0, 11))] == [
        False,
        False,
        True,
        True,
        True,
        True,
    ]


def test_a_cover_holds_what_one_of_its_spans_holds() -> None:
    cover = Cover([(10, 20), (0, 50), (60, 70)])
    assert [cover.covers(*span) for span in ((12, 14), (30, 50), (30, 51), (60, 70), (55, 58))] == [
        True,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "test",
    [
        '[ "$N" = GW ] && act',
        'case "$N" in GW) act ;; esac',
        "[[ $N == G? ]] && act",
        'echo "$N" | grep -qx GW && act',
    ],
)
def test_a_test_of_what_the_script_may_set_itself_stays(test: str) -> None:
    files = {"/e/n.sh": f'#!/bin/bash\nN=$2\nif [ -z "$N" ]; then\n    N=GW\nfi\n{test}\n'}
    assert rewritten(files) == files
    found = [(id, severity, line) for id, severity, line, _ in said(files, "/e/n.sh")]
    assert ("not-followed", Severity.DECISION, 4) in found
    assert ("not-rewritten", Severity.DECISION, 6) in found


def test_a_literal_in_pieces_is_spelled_anew() -> None:
    before = SH + '[ "$2" = G"W" ] && a\n[ x"$2" = x"GW" ] && b\ncase $2 in "G"W) c ;; esac\n'
    after = SH + (
        '{ [ "$2" = "GW_v4" ] || [ "$2" = "GW_v6" ]; } && a\n{ [ x"$2" = x"GW_v4" ] || [ x"$2" = x"GW_v6" ]; } && b\n'
        'case $2 in "GW_v4"|"GW_v6") c ;; esac\n'
    )
    assert rewritten({"/e/n.sh": before}) == {"/e/n.sh": after}


def test_a_new_name_that_the_shell_would_read_is_quoted() -> None:
    names = {b"GW": (b"up link", b"4$")}
    before = SH + '[ "$2" = GW ] && a\ncase $2 in GW) b ;; esac\nI=GW\n[ "$3" = $I ] && c\n'
    after = SH + (
        '{ [ "$2" = "up link" ] || [ "$2" = \'4$\' ]; } && a\ncase $2 in "up link"|\'4$\') b ;; esac\nI="up link"\n'
        '{ [ "$3" = $I ] || [ "$3" = "4\\$" ]; } && c\n'
    )
    assert rewritten({"/e/n.sh": before}, names) == {"/e/n.sh": after}
