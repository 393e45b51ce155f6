"""What tests need from the machine: in CI a missing daemon is a failure, elsewhere a visible skip with its reason."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser
from keepalived_upgrade.proofs.daemon import daemon_release
from keepalived_upgrade.releases import Release

DAEMONS = Path(__file__).resolve().parents[1] / ".cache" / "daemons"


def _need(what: bool, reason: str) -> None:
    if what:
        return
    if os.environ.get("CI"):
        pytest.fail(f"in CI this must not be missing: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def keepalived() -> str:
    """The path of the installed keepalived."""
    found = shutil.which("keepalived", path="/usr/sbin:/usr/local/sbin:/sbin")
    _need(found is not None, "keepalived is not installed")
    return found or ""


@pytest.fixture(scope="session")
def daemons(keepalived: str, namespaces: None) -> dict[Release, str]:
    """The keepalived programs at hand, by release: the installed one, and those that tests/daemons has fetched."""
    found = [keepalived, *(str(file) for file in sorted(DAEMONS.glob("*/keepalived")))]
    return {release: file for file in found if (release := daemon_release(file)) is not None}


@pytest.fixture(scope="session")
def namespaces() -> None:
    """The right to make network namespaces with veth pairs."""
    _need(os.geteuid() == 0, "network namespaces need root")
    done = subprocess.run(
        ["unshare", "-n", "-m", "ip", "link", "add", "stand0", "type", "veth", "peer", "name", "stand1"], check=False
    )
    _need(done.returncode == 0, "the kernel gives no network namespace with veth pairs")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A running Chromium, one for all tests of a process."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    _need(found is not None, "chromium is not installed")
    running = Browser(found or "", tmp_path_factory.mktemp("profile"))
    yield running
    running.close()
