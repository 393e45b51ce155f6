"""What another process does in the midst of it: nothing outside the root is touched, nothing of theirs is lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from faults import doing, trapped
from hosts import ACTS, CONF, HOME, MADE, NEW, OLD, SCRIPT, Act, Host, copy_tree, memory, snapshot
from keepalived_upgrade.errors import WriteError
from keepalived_upgrade.writing import list_bundles, pending, undo

# Between two calls that take a name, a change of the names makes no difference.
NAMING = {"open", "stat", "lstat", "mkdir", "rename", "link", "unlink", "rmdir", "access", "rename_exchange"}
THEIRS = b"theirs\n"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with tempfile.TemporaryDirectory(dir=memory() or tmp_path) as folder:
        yield Host.make(Path(folder, "host"))


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> Act:
    return ACTS[request.param]


def points_of(host: Host, act: Act) -> list[int]:
    return [number for number, name in enumerate(act.points(host)) if name in NAMING]


def run_with(host: Host, act: Act, point: int, deed: Callable[[], None]) -> str:
    """Do the act, with the deed in its midst; give what the error says."""
    with trapped(doing(point, deed)):
        try:
            act.do(host)
        except WriteError as error:
            assert error.cure
            return error.reason
    return ""


@pytest.mark.parametrize("folder", ["etc", "etc/keepalived", "var", HOME, f"{HOME}/undo"])
def test_a_folder_that_becomes_a_link_out_of_the_root_leads_nowhere(host: Host, act: Act, folder: str) -> None:
    points = points_of(host, act)
    outside, real, aside = host.root.with_name("outside"), host.root / folder, host.root / "aside"
    # What lies outside looks just like what lies inside, bundles and all.
    copy_tree(host.root.with_name("kept"), outside)
    before = snapshot(outside, but="")

    def swap() -> None:
        real.rename(aside)
        real.symlink_to(outside / folder)

    refused = 0
    for point in points:
        host.reset()
        refused += run_with(host, act, point, swap) != ""
        assert snapshot(outside, but="") == before
        real.unlink()
        aside.rename(real)
        if pending(host.root) is not None:
            undo(host.root)
        assert host.side() in ("old", "new")
    print(f"\n{len(points)} points, refused at {refused}")
    assert refused > len(points) // 3


def replace_file(file: Path, outside: Path | None = None) -> None:
    """As an editor saves."""
    other = file.with_name("other")
    other.write_bytes(THEIRS)
    other.replace(file)


def write_into_file(file: Path, outside: Path) -> None:
    """As `echo >` does."""
    file.write_bytes(THEIRS)


def make_link(file: Path, outside: Path) -> None:
    """Out of the root."""
    file.unlink()
    file.symlink_to(outside)


@pytest.mark.parametrize("deed", [replace_file, write_into_file, make_link])
@pytest.mark.parametrize("path", [CONF, SCRIPT, MADE])
@pytest.mark.parametrize("name", ["write", "undo"])
def test_a_file_that_somebody_changes_in_the_midst_of_it_stays_theirs(
    host: Host, name: str, path: str, deed: Callable[[Path, Path], None]
) -> None:
    act, file, theirs = ACTS[name], host.root / path[1:], host.root.parent / "theirs"
    theirs.write_bytes(THEIRS)
    done = 0

    def change() -> None:
        nonlocal done
        with suppress(FileNotFoundError):
            deed(file, theirs)
            done += 1

    for point in points_of(host, act):
        host.reset()
        done = 0
        said = run_with(host, act, point, change)
        assert theirs.read_bytes() == THEIRS
        if done:
            assert file.read_bytes() == THEIRS
            assert file.is_symlink() == (deed is make_link)
        # The others are all on one side, unless the error says that they may not be.
        if "may be neither" not in said:
            rest = {
                (host.root / other[1:]).exists() and (host.root / other[1:]).read_bytes()
                for other in NEW
                if other != path
            }
            sides = (
                {OLD.get(other, False) for other in NEW if other != path},
                {NEW[other] for other in NEW if other != path},
            )
            assert rest in sides


@pytest.mark.parametrize("path", [CONF, SCRIPT, MADE])
@pytest.mark.parametrize("name", ["write", "undo"])
def test_a_file_that_somebody_removes_in_the_midst_of_it_stays_away(host: Host, name: str, path: str) -> None:
    act, file = ACTS[name], host.root / path[1:]
    done = False

    def remove() -> None:
        nonlocal done
        done = file.exists()
        file.unlink(missing_ok=True)

    for point in points_of(host, act):
        host.reset()
        done = False
        said = run_with(host, act, point, remove)
        assert "may be neither" not in said
        if done:
            assert not file.exists()


@pytest.mark.parametrize("name", ["write", "undo"])
def test_a_mode_that_somebody_sets_in_the_midst_of_it_stays(host: Host, name: str) -> None:
    act, file = ACTS[name], host.root / CONF[1:]
    for point, _ in enumerate(act.points(host)):
        host.reset()
        run_with(host, act, point, lambda: file.chmod(0o604))
        assert file.stat().st_mode & 0o777 == 0o604


def test_a_file_that_appears_where_the_new_one_goes_stays(host: Host) -> None:
    act, file = ACTS["write"], host.root / MADE[1:]

    def appear() -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_bytes(THEIRS)

    said = set()
    for point in points_of(host, act):
        host.reset()
        said.add(run_with(host, act, point, appear).partition(":")[0])
        assert file.read_bytes() in (THEIRS, NEW[MADE])
        if file.read_bytes() == THEIRS:
            assert (host.root / CONF[1:]).read_bytes() == OLD[CONF]
    assert "the new file is there already" in said


def test_staged_files_are_private_until_their_owner_and_mode_are_set(host: Host) -> None:
    seen: set[int] = set()

    def watch(number: int, name: str, call: Callable[[], object]) -> object:
        for file in host.root.glob("etc/**/.keepalived-upgrade-*"):
            if file.stat().st_size and file.read_bytes() in NEW.values():
                seen.add(file.stat().st_mode & 0o777)
        for file in (host.root / HOME / "undo").rglob("*"):
            with suppress(FileNotFoundError):
                assert file.stat().st_mode & 0o077 == 0
        return call()

    umask = os.umask(0)
    try:
        with trapped(watch):
            ACTS["write"].do(host)
        assert os.umask(0) == 0
    finally:
        os.umask(umask)
    # Old files after the exchange are not among them.
    assert seen == {0o600, 0o640, 0o750, 0o755}


def test_what_was_exchanged_when_the_process_died_is_kept_until_somebody_looks(host: Host) -> None:
    act = ACTS["write"]
    names = act.points(host)
    exchanged = names.index("rename_exchange")
    host.reset()

    def trap(number: int, name: str, call: Callable[[], object]) -> object:
        if number == exchanged:
            replace_file(host.root / CONF[1:])
        if number == exchanged + 1:
            raise KeyboardInterrupt
        if number > exchanged + 1 and name != "close":
            raise OSError(5, "Input/output error")
        return call()

    with trapped(trap), pytest.raises(WriteError, match="may be neither"):
        act.do(host)
    assert pending(host.root) is not None
    with pytest.raises(WriteError, match="in the moment in which that was replaced") as caught:
        undo(host.root)
    kept = Path(caught.value.path)
    assert kept.read_bytes() == THEIRS
    kept.rename(host.root / "looked-at")
    undo(host.root)
    assert list_bundles(host.root) == []
    (host.root / "looked-at").unlink()
    assert host.side() == "old"
