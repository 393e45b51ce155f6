"""Include lines and what must not be missing, beside what keepalived says to the same files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from keepalived_upgrade.conf.dialect import dialect_of
from keepalived_upgrade.conf.includes import ALL_CHECKS, NO_CHECK, Check, alternatives, change_checks
from keepalived_upgrade.conf.reader import read_config
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site

NEW = Release(2, 2, 7)
NO_CONFIG = 6  # KEEPALIVED_EXIT_NO_CONFIG

# situation: (lines, does keepalived refuse to start?). There are a.conf, b.conf, run.conf (x bit) and the folder dir.
SITUATIONS = {
    "a name that is missing": ("include none.conf", False),
    "a name that must match": ("includem none.conf", True),
    "a name that need only be readable": ("includer none.conf", False),
    "a name that must match like a wildcard": ("includew none.conf", True),
    "a name behind a tab": ("includem\tnone.conf", True),
    "a wildcard that finds nothing": ("includem none*.conf", False),
    "a wildcard that must find something": ("includew none*.conf", True),
    "a wildcard that finds something": ("includea ?.conf", False),
    "an alternative that is missing": ("includem {a,none}.conf", False),
    "an alternative that must be there": ("includeb {a,none}.conf", True),
    "all alternatives must be there": ("includea {a,none}.conf", True),
    "no alternative is there": ("includem {none,nil}.conf", False),
    "no alternative is there and each must be": ("includeb {none,nil}.conf", True),
    "a folder": ("include dir", False),
    "a folder that must be readable": ("includer dir", True),
    "a file with an x bit": ("include run.conf", False),
    "a file with an x bit that must be readable": ("includer run.conf", True),
    "checks for all includes": ("global_defs {\n include_check\n}\ninclude none.conf", True),
    "a check for all includes": ("global_defs {\n include_check match\n}\ninclude none.conf", True),
    "another check for all includes": ("global_defs {\n include_check wildcard_match\n}\ninclude none.conf", False),
    "a check that is taken away": ("global_defs {\n include_check\n include_check -match\n}\ninclude none.conf", False),
    "a check that is added": ("global_defs {\n include_check read\n include_check +match\n}\ninclude none.conf", True),
    "several checks": ("global_defs {\n include_check read +wildcard_match -read\n}\ninclude dir\ninclude n*", True),
    "two words without a sign": ("global_defs {\n include_check read match\n}\ninclude none.conf", False),
    "a sign without a word before it": ("global_defs {\n include_check +match\n}\ninclude none.conf", True),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.conf", "b.conf", "run.conf"):
        (tmp_path / name).write_bytes(b"# nothing\n")
    (tmp_path / "run.conf").chmod(0o755)
    (tmp_path / "dir").mkdir()
    return tmp_path


@pytest.mark.daemon
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_daemon_does_not_start_exactly_where_an_include_is_required(
    situation: str, folder: Path, keepalived: str
) -> None:
    lines, refuses = SITUATIONS[situation]
    main = folder / "keepalived.conf"
    main.write_text(lines + "\n")
    done = subprocess.run([keepalived, "--config-test", "--use-file", main], capture_output=True, cwd=folder)
    assert (done.returncode == NO_CONFIG) is refuses, done.stderr
    site = Site.open("/keepalived.conf", root=folder)
    tree = read_config("/keepalived.conf", site.read("/keepalived.conf"), NEW, site)
    required = [finding for finding in tree.findings if finding.id == "conf/include-required"]
    assert bool(required) is refuses
    assert all(finding.severity is Severity.DECISION for finding in required)


def test_before_2_2_nothing_must_be_there(folder: Path) -> None:
    (folder / "keepalived.conf").write_bytes(b"global_defs {\n include_check\n}\ninclude none.conf\nincludem none\n")
    site = Site.open("/keepalived.conf", root=folder)
    tree = read_config("/keepalived.conf", site.read("/keepalived.conf"), Release(2, 1, 5), site)
    assert [finding.id for finding in tree.findings] == ["conf/include-missing"]
    assert [s.keyword for s in tree.walk()] == [b"global_defs", b"include_check", b"includem"]


def test_checks_of_an_included_file_end_with_it(folder: Path) -> None:
    (folder / "a.conf").write_bytes(b"global_defs {\n include_check\n}\n")
    (folder / "keepalived.conf").write_bytes(b"include a.conf\ninclude none.conf\n")
    site = Site.open("/keepalived.conf", root=folder)
    tree = read_config("/keepalived.conf", site.read("/keepalived.conf"), NEW, site)
    assert [finding.id for finding in tree.findings] == ["conf/include-missing"]


def test_a_brace_is_a_character_of_the_name_up_to_1_3_7(folder: Path) -> None:
    assert list(alternatives(b"{a,b}.conf", dialect_of(Release(1, 3, 7)))) == [b"{a,b}.conf"]
    assert list(alternatives(b"{a,b}{1,2}", dialect_of(Release(1, 3, 8)))) == [b"a1", b"a2", b"b1", b"b2"]


def test_an_unknown_check_changes_nothing() -> None:
    assert change_checks(NO_CHECK, []) == ALL_CHECKS
    assert change_checks(Check.MATCH, [b"+nonsense"]) == Check.MATCH
    assert change_checks(ALL_CHECKS, [b"nonsense"]) == NO_CHECK
