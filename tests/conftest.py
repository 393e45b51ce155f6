"""What tests need from the machine: in CI a missing daemon is a failure, elsewhere a visible skip with its reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import Browser
from json_schemas import check_json, check_sarif
from keepalived_upgrade.proofs.daemon import daemon_release
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review import json_report, sarif

DAEMONS = Path(__file__).resolve().parents[1] / ".cache" / "daemons"
# Where keepalived comes from: this machine, and the suites of tests/daemons.
SUITES = ("installed", "bullseye", "trixie", "sid")


@pytest.fixture(autouse=True, scope="session")
def _every_json_fits_its_schema() -> Iterator[None]:
    """Whatever test makes a report in this process, the report is validated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_report, "render_json", _checked(json_report.render_json, check_json))
        patch.setattr(sarif, "render_sarif", _checked(sarif.render_sarif, check_sarif))
        yield


def _checked(render: Callable[..., str], check: Callable[[dict[str, Any]], None]) -> Callable[..., str]:
    def rendered(*given: Any, **options: Any) -> str:
        text = render(*given, **options)
        check(json.loads(text))
        return text

    return rendered


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


@pytest.fixture(scope="session", params=SUITES)
def daemon(request: pytest.FixtureRequest, keepalived: str, namespaces: None) -> tuple[Release, str]:
    """Release and path of one keepalived after the other.

    The installed one must be there. A suite that tests/daemons could not have is a visible skip with what it said; in
    CI one that was never asked for is a failure.
    """
    file = keepalived if request.param == "installed" else str(DAEMONS / request.param / "keepalived")
    log = DAEMONS / f"{request.param}.log"
    if not Path(file).exists() and log.exists():
        pytest.skip(f"keepalived of {request.param} could not be had: {log.read_text().strip().splitlines()[-1:]}")
    _need(Path(file).exists(), f"keepalived of {request.param}: run tests/daemons .cache/daemons")
    release = daemon_release(file)
    assert release is not None, f"{file} does not tell its release"
    return release, file


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
