"""A unified patch over all files, as `git apply` and `patch -p1` take it."""

from __future__ import annotations

import os
from collections.abc import Collection

from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.review.hunks import Hunk, hunks_of
from keepalived_upgrade.secrecy import find_secrets

_NO_NEWLINE = b"\\ No newline at end of file\n"


def write_patch(plan: Plan) -> bytes:
    """Give the patch. Paths are relative to the root; the text after the second `@@` says why."""
    return b"".join(_file(change) for change in plan.files)


def holds_secret(patch: bytes, known: Collection[bytes] = ()) -> bool:
    """Tell whether the patch shows a password, so that its file must be readable by its owner only.

    known: the plan's `secrets`. A definition may hold one, and its use stand in a file that the patch does not show.
    """
    return bool(find_secrets(patch, known))


def _file(change: FileChange) -> bytes:
    name = os.fsencode(change.path.lstrip("/"))
    old, new = _quote(b"a/" + name), _quote(b"b/" + name)
    head = b"diff --git " + old + b" " + new + b"\n"
    if change.before is None:
        head += b"new file mode 100%03o\n" % (0o755 if change.mode & 0o111 else 0o644)
        old = b"/dev/null"
    # `patch` takes a name with a blank only when a tab ends it.
    tab = b"\t" if b" " in name else b""
    head += b"--- " + old + (tab if change.before is not None else b"") + b"\n+++ " + new + tab + b"\n"
    return head + b"".join(_hunk(hunk) for hunk in hunks_of(change))


def _hunk(hunk: Hunk) -> bytes:
    why = "; ".join(f"{migration}: {reason}" for migration, reason in hunk.because)
    clean = "".join(c if c.isprintable() else " " for c in why).encode("utf-8", "backslashreplace")
    head = b"@@ -%s +%s @@ %s\n" % (
        _range(hunk.old_start, hunk.old_count),
        _range(hunk.new_start, hunk.new_count),
        clean,
    )
    body = [line.mark + line.text + (b"" if line.text.endswith(b"\n") else b"\n" + _NO_NEWLINE) for line in hunk.lines]
    return head + b"".join(body)


def _range(start: int, count: int) -> bytes:
    return b"%d" % start if count == 1 else b"%d,%d" % (start, count)


def _quote(name: bytes) -> bytes:
    """Quote a name as git does where a byte asks for it, and where it ends in a blank, which `patch` would take off."""
    if not name.endswith(b" ") and all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in name):
        return name
    escaped = b"".join(
        b"\\" + bytes([byte]) if byte in b'"\\' else bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte
        for byte in name
    )
    return b'"' + escaped + b'"'
