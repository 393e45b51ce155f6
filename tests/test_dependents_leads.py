"""Which files a script leads to: every spelling that is followed, each in a folder with the file it must find."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalived_upgrade.dependents import discovery
from keepalived_upgrade.dependents.discovery import find_dependents
from keepalived_upgrade.dependents.leads import leads_to

# The script /etc/k/n → the file it must lead to. All are text in a shell without a shebang of its own.
SHELL = {
    ". /etc/k/lib.sh": "/etc/k/lib.sh",
    ". ./lib.sh": "/etc/k/lib.sh",
    "source '/etc/k/lib.sh'": "/etc/k/lib.sh",
    "DIR=/etc/k; . $DIR/lib.sh": "/etc/k/lib.sh",
    'DIR=/etc/k\n. "$DIR/lib.sh"': "/etc/k/lib.sh",
    'DIR=/etc/k\n. "$DIR"/lib.sh': "/etc/k/lib.sh",
    "BASE=/etc\nDIR=${BASE}/k # ours\n. ${DIR}/lib.sh": "/etc/k/lib.sh",
    'readonly DIR="/etc/k"\nexec "$DIR/next" "$@"': "/etc/k/next",
    "export -p LIB=/etc/k/lib.sh\n. $LIB": "/etc/k/lib.sh",
    "D=/srv/a\nif x; then\n  D=/srv/b\nfi\n. $D/lib.sh": "/srv/b/lib.sh",
    "D=/srv/a\nif x; then\n  D=/srv/b\nfi\n$D/run up": "/srv/a/run",
    'F=lib.sh\n. "$(dirname "$0")/$F"': "/etc/k/lib.sh",
    '. "$(dirname $0)/lib.sh"': "/etc/k/lib.sh",
    '. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"': "/etc/k/lib.sh",
    ". `dirname $0`/lib.sh": "/etc/k/lib.sh",
    '. "${0%/*}/lib.sh"': "/etc/k/lib.sh",
    '. "${BASH_SOURCE%/*}/sub/lib.sh"': "/etc/k/sub/lib.sh",
    'HERE=$(cd "$(dirname "$0")" && pwd)\n. "$HERE/lib.sh"': "/etc/k/lib.sh",
    'HERE="$( cd "$( dirname "${BASH_SOURCE[0]}" )" >/dev/null 2>&1 && pwd -P )"\n"$HERE/next"': "/etc/k/next",
    'HERE=`cd "\\`dirname $0\\`"; pwd`\n. /etc/k/lib.sh': "/etc/k/lib.sh",
    'ME=$(readlink -f "$0")\nDIR=$(dirname "$(readlink -f "$0")")\n$DIR/../other/run': "/etc/other/run",
    'exec "/etc/k/next"': "/etc/k/next",
    "exec ./next": "/etc/k/next",
    "/bin/sh /etc/k/next up": "/etc/k/next",
    "/bin/sh next up": "/etc/k/next",
    "bash -x -e next": "/etc/k/next",
    "python3 tool.py --up": "/etc/k/tool.py",
    "/usr/bin/env python tool.py": "/etc/k/tool.py",
    "nohup perl -w tool.pl &": "/etc/k/tool.pl",
    "sudo -n /srv/tool": "/srv/tool",
    "cd /etc/k && ./next": "/etc/k/next",
    "x=1; $(./next)": "/etc/k/next",
    "cat <<E >/dev/null\n/srv/a.txt\nE": "/srv/a.txt",
}
PYTHON = {
    "import helper": "/etc/k/helper.py",
    "import os, helper as h": "/etc/k/helper.py",
    "import pkg.part": "/etc/k/pkg/part.py",
    "import pkg.part as p": "/etc/k/pkg/__init__.py",
    "from pkg import part": "/etc/k/pkg/part.py",
    "from pkg import (\n    other,\n    part as p,\n)": "/etc/k/pkg/part.py",
    "from pkg.sub import thing": "/etc/k/pkg/sub.py",
    "from . import near": "/etc/k/near.py",
    "from .near import x": "/etc/k/near.py",
    "from ..up import x": "/etc/up.py",
    "    import late  # only when needed": "/etc/k/late.py",
    "import importlib\nimportlib.import_module('plug')": "/etc/k/plug.py",
    "import sys\nsys.path.insert(0, '/srv/lib')\nimport helper": "/srv/lib/helper.py",
    "import sys, os\nsys.path.append(os.path.join(os.path.dirname(__file__), 'lib'))\nimport helper": "/etc/k/lib/helper.py",
    "import runpy\nrunpy.run_path('/srv/x.py')": "/srv/x.py",
    "import runpy\nrunpy.run_path('x.py')": "/etc/k/x.py",
    "import runpy\nrunpy.run_module('plug')": "/etc/k/plug.py",
    "import subprocess\nsubprocess.call(['/srv/next', 'GW'])": "/srv/next",
    "subprocess.call('/srv/next GW', shell=True)": "/srv/next",
    "subprocess.run([sys.executable, 'x.py'])": "/etc/k/x.py",
    "import os\nos.system('./next up')": "/etc/k/next",
    "open(os.path.join(os.path.dirname(__file__), 'names.txt'))": "/etc/k/names.txt",
    "open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'd', 'names'))": "/etc/k/d/names",
    "HERE = os.path.dirname(os.path.realpath(__file__))\nX = os.path.join(HERE, 'next')": "/etc/k/next",
    "BASE = '/srv/lib'  # ours\nX = os.path.join(BASE, 'a', 'b')": "/srv/lib/a/b",
    "from pathlib import Path\nX = Path(__file__).parent / 'd' / 'x.json'": "/etc/k/d/x.json",
    "HERE = pathlib.Path(__file__).resolve().parent\nX = HERE.joinpath('x.json')": "/etc/k/x.json",
    "X = Path(__file__).with_name('names')": "/etc/k/names",
    "BASE = Path('/srv')\nX = BASE / 'names'": "/srv/names",
    "BASE = '/srv'\nX = BASE + '/names'": "/srv/names",
    "BASE = '/srv'\nX = f'{BASE}/names'": "/srv/names",
    "execfile('/srv/old.py')": "/srv/old.py",
    "exec(open('old.py').read())": "/etc/k/old.py",
}
OTHER = {
    "#!/usr/bin/perl\nrequire './lib.pl';": "/etc/k/lib.pl",
    "#!/usr/bin/perl\nuse lib '/srv/perl';\nuse My::Names;": "/etc/k/My/Names.pm",
    '#!/usr/bin/perl\ndo "$FindBin::Bin/names.pl";': "/etc/k/names.pl",
    "#!/usr/bin/ruby\nrequire_relative 'names'": "/etc/k/names.rb",
    "#!/usr/bin/env ruby\nload '/srv/x.rb'": "/srv/x.rb",
    "#!/usr/bin/php\n<?php require_once __DIR__ . '/names.php';": "/etc/k/names.php",
    '#!/usr/bin/lua5.3\ndofile("names.lua")': "/etc/k/names.lua",
    '#!/usr/bin/lua\nlocal n = require("vrrp.names")': "/etc/k/vrrp/names.lua",
    "#!/usr/bin/env node\nconst n = require('./names');": "/etc/k/names.js",
    "#!/usr/bin/env node\nimport n from './names.mjs';": "/etc/k/names.mjs",
    '#!/usr/bin/perl\nsystem("/srv/next", $n);': "/srv/next",
}


@pytest.mark.parametrize(("script", "leads"), SHELL.items())
def test_a_shell_script_leads_to(script: str, leads: str) -> None:
    assert leads in list(leads_to("/etc/k/n", script.encode() + b"\n"))


@pytest.mark.parametrize(("script", "leads"), PYTHON.items())
def test_a_python_script_leads_to(script: str, leads: str) -> None:
    assert leads in list(leads_to("/etc/k/n.py", script.encode() + b"\n"))
    assert leads in list(leads_to("/etc/k/n", b"#!/usr/bin/python2 -u\n" + script.encode() + b"\n"))


@pytest.mark.parametrize(("script", "leads"), OTHER.items())
def test_another_script_leads_to(script: str, leads: str) -> None:
    assert leads in list(leads_to("/etc/k/n", script.encode() + b"\n"))


def test_the_language_is_told_by_the_ending_where_no_shebang_says_it() -> None:
    assert "/etc/k/names.rb" in list(leads_to("/etc/k/n.rb", b"require_relative 'names'\n"))
    assert "/etc/k/names.rb" not in list(leads_to("/etc/k/n.rb", b"#!/bin/sh\nrequire_relative 'names'\n"))


@pytest.mark.parametrize(
    "script",
    [
        "/usr/bin/logger up",
        "echo up >> /var/log/vrrp/GW.log",
        ". /lib/lsb/init-functions",
        "cat /proc/sys/net/ipv4/ip_forward",
        "echo $NOT_SET/etc/k/lib.sh",
        ". $1/lib.sh",
    ],
)
def test_programs_of_the_system_logs_and_what_only_a_run_can_tell_are_not_followed(script: str) -> None:
    assert not [path for path in leads_to("/etc/k/n", script.encode()) if "/" in path.removeprefix("/etc/k/")]


def test_a_chain_is_followed_to_its_end_and_a_circle_once() -> None:
    files = {
        "/etc/k/n": b'#!/bin/sh\nD=/srv/v\nexec "$D/a" "$@"\n',
        "/srv/v/a": b'#!/bin/bash\n. "${BASH_SOURCE%/*}/b"\n',
        "/srv/v/b": b"python3 /srv/v/c.py\n",
        "/srv/v/c.py": b"from .d import x\n/etc/k/n\n",
        "/srv/v/d.py": b"import os\nopen(os.path.join(os.path.dirname(__file__), 'names'))\n",
        "/srv/v/names": b"GW\n",
    }
    looked: list[str] = []

    def read(path: str) -> bytes | None:
        looked.append(path)
        return files.get(path)

    assert find_dependents([("/etc/k/n", "GW")], read).files == tuple(files)
    assert len(looked) <= 2 * len(set(looked))


def test_a_variable_of_many_values_is_followed_a_few_times_only() -> None:
    script = "".join(f"D=/srv/d{n}\n" for n in range(50)) + ". $D/lib.sh\n"
    found = [path for path in leads_to("/etc/k/n", script.encode()) if path.endswith("lib.sh")]
    assert found == [f"/srv/d{n}/lib.sh" for n in range(4)]
    names = "".join(f"V{n}=/srv/d{n}\n" for n in range(300)) + ". $V1/lib.sh\n"
    assert "/srv/d1/lib.sh" not in list(leads_to("/etc/k/n", names.encode()))


def test_variables_that_name_each_other_in_a_circle_end() -> None:
    assert list(leads_to("/etc/k/n", b"A=$B/x\nB=$A/y\n. $A/lib.sh\n")) is not None


SPELLINGS = st.text(alphabet="$0{}()`\"'/.= \n#ADIRdirname", max_size=80)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=150), SPELLINGS.map(str.encode)))
def test_any_bytes_lead_to_normal_paths(text: bytes) -> None:
    for path in ("/etc/k/n", "/etc/k/n.py", "/etc/k/n.pl", "/etc/k/n.lua"):
        assert all(found.startswith("/") for found in leads_to(path, text))


def test_leads_end_at_so_many_files_and_at_what_is_too_large_for_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {f"/k/{number}": b"#!/bin/sh\n. /k/%d\n" % (number + 1) for number in range(9)}
    monkeypatch.setattr(discovery, "_MOST_FILES", 4)
    assert find_dependents([("/k/0",)], texts.get).files == ("/k/0", "/k/1", "/k/2", "/k/3")
    monkeypatch.setattr(discovery, "_MOST_BYTES", len(texts["/k/0"]))
    texts["/k/1"] += b"#"
    assert find_dependents([("/k/0",)], texts.get).files == ("/k/0",)
