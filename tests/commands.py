"""The command line, run in the process of the test, so that coverage sees it."""

from __future__ import annotations

import sys

import pytest

from keepalived_upgrade import cli


def inside(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run main() with these words; give the exit status, what it printed, and what it said beside it."""
    monkeypatch.setattr(sys, "argv", ["keepalived-upgrade", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err
