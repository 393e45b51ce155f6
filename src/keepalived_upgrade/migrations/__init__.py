"""Makes the migrations importable: beside this file in a wheel, in the top-level `migrations/` of a checkout."""

from pathlib import Path

_checkout = Path(__file__).resolve().parents[3]
if (_checkout / "pyproject.toml").is_file() and (_checkout / "migrations").is_dir():
    __path__.append(str(_checkout / "migrations"))
