"""Scripts still parse: `bash -n` or `sh -n` for shell, `compile` for Python 3, a reader for YAML. Nothing is run."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from collections.abc import Mapping

from keepalived_upgrade.plan import Proof, Result

_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-\S+\s+)*)?(\S*/)?([a-z]+)([\d.]*)")
_SECONDS = 10


def prove_scripts(scripts: Mapping[str, bytes], before: Mapping[str, bytes] | None = None) -> Proof:
    """Check each changed or new script. scripts: path → new text. before: path → old text of those that were there.

    A script whose old text does not parse here either is not checked: its interpreter may be another one on its host
    (`sh` is bash there and dash here), and nothing says that the change broke it.
    """
    checked, unchecked = 0, []
    for path, text in sorted(scripts.items()):
        wrong = check_syntax(path, text)
        if wrong == "":
            checked += 1
        elif wrong is None or (before and path in before and check_syntax(path, before[path])):
            unchecked.append(path)
        else:
            return Proof("scripts", Result.FAILED, f"{path} does not parse any more: {wrong}")
    if unchecked and not checked:
        return Proof("scripts", Result.NOT_MADE, "nothing here can check " + ", ".join(unchecked))
    more = f"; not checked, for want of an interpreter: {', '.join(unchecked)}" if unchecked else ""
    every = f"every changed or new script parses ({checked})" if checked else "no script changes"
    return Proof("scripts", Result.PASSED, f"{every}{more}")


def check_syntax(path: str, text: bytes) -> str | None:
    """Give "" for a script that parses, what is wrong for one that does not, None where nothing can tell."""
    match = _SHEBANG.match(text)
    name = match.group(2) if match else b""
    if name in (b"sh", b"dash", b"ash", b"bash", b"ksh") or (not match and path.endswith((".sh", ".bash"))):
        # What ksh knows and dash does not, such as `[[ ( … ) ]]`, bash knows too.
        return _check_shell("bash" if name in (b"bash", b"ksh") else "sh", text)
    if name == b"python" or (not match and path.endswith(".py")):
        return _check_python(path, text)
    if path.endswith((".yml", ".yaml")):
        return _check_yaml(text)
    return None


def _check_shell(shell: str, text: bytes) -> str | None:
    program = shutil.which(shell)
    if program is None:
        return None
    try:
        done = subprocess.run([program, "-n"], input=text, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
    return lines[-1] if lines else f"{shell} -n ends with {done.returncode}"


def _check_python(path: str, text: bytes) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return _check_python2(text, f"line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return ""


def _check_yaml(text: bytes) -> str:
    from keepalived_upgrade.dependents.other_yaml import read_scalars

    return "" if read_scalars(text) is not None else "it cannot be read as YAML"


def _check_python2(text: bytes, complaint: str) -> str | None:
    """What Python 3 refuses may be good Python 2: its grammar decides."""
    from keepalived_upgrade.dependents.parsing import is_tangled, parse

    return complaint if is_tangled("python", text) or parse("python", text).has_error else ""
