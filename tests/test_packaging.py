"""A wheel built from the sdist, in an environment of its own, lists every migration."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from keepalived_upgrade.catalogue import load_migrations

ROOT = Path(__file__).resolve().parents[1]
LIST = """
import json
from keepalived_upgrade.catalogue import load_migrations, read_text
print(json.dumps([[m.id, len(read_text(m))] for m in load_migrations()]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_a_wheel_from_the_sdist_lists_every_migration(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env/bin/python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)],
        check=True,
        capture_output=True,
    )
    done = subprocess.run([python, "-c", LIST], cwd=tmp_path, check=True, capture_output=True, text=True)
    listed = json.loads(done.stdout)
    assert [id for id, _ in listed] == [migration.id for migration in load_migrations()]
    assert all(size > 200 for _, size in listed)


def test_a_wheel_holds_the_style_and_the_script_of_the_page(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"keepalived_upgrade/review/html/{name}" for name in ("style.css", "script.js")} <= held
