"""Where a script leads: what it sources, calls, runs or imports. A pass over bytes; nothing is parsed or run.

It gives candidates. One that is no file costs a look; one that is a file and no dependent costs a search for names.
So every rule here may take too much, and none may take too little.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

# Programs of the system, and logs: a log tells of names that were, and nothing reads it to decide.
SYSTEM = (
    *("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/lib64/", "/usr/lib/", "/dev/", "/proc/", "/sys/"),
    *("/var/log/", "/etc/init.d/functions", "/etc/rc.d/init.d/functions"),
)
SYSTEM_BYTES = tuple(folder.encode() for folder in SYSTEM)
# The literal byte stands first and the look behind second: so a search skips to the byte, three times as fast.
_ABSOLUTE = re.compile(rb"/(?<![\w$}/.-]/)(?!(?:dev|proc|var/log|(?:usr/)?s?bin)/)(?:[\w.+@-]+/)+[\w.+@-]+")
_NEAR = re.compile(rb"\.(?<![\w$}/.-]\.)\.?/[\w./+@-]+")
_SOURCED = re.compile(rb"\.(?<![^\s;&|({!`]\.)[ \t]+(?:--[ \t]+)?[\"']?([^\s\"';&|)<>]+)")
_SOURCED_IN_FULL = re.compile(_SOURCED.pattern.replace(rb"\.", b"source"))
# What runs a file that follows it, by its ending: `bash`, `/bin/dash` and `pkexec` are among them.
_RUNNERS = {
    **{word: word for word in (b"exec", b"sh", b"env", b"sudo", b"nohup", b"perl", b"ruby", b"node")},
    b"python": rb"python[\d.]*",
    b"php": rb"php\d*",
    b"lua": rb"lua[\d.]*",
}
_RUN = {
    word: re.compile(
        first + rb"[ \t]+(?:-[\w-]+[ \t]+)*(?:(?:" + b"|".join(_RUNNERS.values()) + rb")[ \t]+(?:-[\w-]+[ \t]+)*){0,3}"
        rb"[\"']?([\w.+@-]+(?:/[\w.+@-]+)*)"
    )
    for word, first in _RUNNERS.items()
}

# The folder of the script itself, as shells spell it; taken out before variables are looked up.
_SELF = rb"\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?(?::-\$0)?\})\"?"
_REAL = rb"\"?\$\(\s*(?:readlink[ \t]+-\w+|realpath)[ \t]+(?:--[ \t]+)?" + _SELF + rb"\s*\)\"?"
_DIRNAME = rb"dirname[ \t]+(?:--[ \t]+)?(?:" + _SELF + rb"|" + _REAL + rb")"
_OWN_FOLDER = re.compile(
    rb"\$\(\s*" + _DIRNAME + rb"\s*\)|`\s*" + _DIRNAME + rb"\s*`|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}"
)
_CHANGED_INTO = re.compile(
    rb"(?:\$\(|`)\s*(?:CDPATH=\s+)?cd[ \t]+(?:-P[ \t]+)?(?:--[ \t]+)?\"?([\w./+@-]+)\"?[^()`]{0,40}?(?:&&|;)\s*"
    rb"pwd(?:[ \t]+-P)?\s*(?:\)|`)"
)
_NAMES_ITSELF = re.compile(rb"\$\{?(?:0|BASH_SOURCE)")
_REAL_SELF = re.compile(_REAL)
_VALUE = re.compile(rb"=[\"']?((?:[\w./+@-]|\$\w++|\$\{\w+\})++)[\"']?[ \t]*(?:[;#&]|\r?$)", re.MULTILINE)
_BEFORE_VALUE = re.compile(rb"[ \t]*(?:(?:export|readonly|local|declare|typeset)[ \t]+(?:-\w+[ \t]+)*)?([A-Za-z_]\w*)")
_VARIABLE = re.compile(rb"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\"?(?=[\w./+@$-]|[\"'\s;)&|])")
_MOST_VALUES = 4
_MOST_DEPTH = 4
_MOST_VARIABLES = 200

_LANGUAGES = re.compile(rb"#!.{0,60}?\b(perl|ruby|php|lua|node|python)")
_ENDINGS = {
    ".pl": "perl",
    ".pm": "perl",
    ".rb": "ruby",
    ".php": "php",
    ".lua": "lua",
    ".js": "node",
    ".mjs": "node",
    ".cjs": "node",
    ".py": "python",
}
_REQUIRED = re.compile(
    rb"\b(?:require_relative|require_once|require|include_once|include|dofile|loadfile|import|from|do|use|lib)\b"
    rb"[\s(]*(?:(?:__DIR__|\$FindBin::Bin)\s*\.\s*)?[\"'](?:\$FindBin::Bin)?([\w./+@-]+)[\"']"
)
_MODULE = re.compile(rb"^[ \t]*(?:use|require)[ \t]+([A-Z]\w*(?:::\w+)*)", re.MULTILINE)
_SUFFIXES = {
    "perl": ("", ".pl", ".pm"),
    "ruby": ("", ".rb"),
    "php": ("", ".php"),
    "lua": ("", ".lua"),
    "node": ("", ".js", ".mjs", ".cjs", "/index.js"),
}
_LITERAL_PATH = re.compile(rb"[\"'](?:/|\$\w+/|\$\{\w+\}/)?([\w+@-][\w+@-]*(?:[./][\w+@-]+)+)[\"']")


def leads_to(path: str, text: bytes) -> Iterator[str]:
    """Give the paths that a script may source, call, run or import, each once. They need not exist."""
    seen: set[str] = set()
    for candidate in _candidates(path, text):
        if candidate not in seen:
            seen.add(candidate)
            if candidate != path and not candidate.startswith(SYSTEM):
                yield candidate


def _candidates(path: str, text: bytes) -> Iterator[str]:
    folder = posixpath.dirname(path)
    language = language_by_look(path, text)
    if language == "python":
        from keepalived_upgrade.dependents.leads_python import python_leads

        yield from python_leads(folder, text)
    elif language:
        yield from _required(folder, text, language)
    for spelled in _expanded(path, folder, text):
        # A script says the same path again and again: it is made once.
        absolute = dict.fromkeys(_ABSOLUTE.findall(spelled))
        near = dict.fromkeys([*_SOURCED.findall(spelled), *_SOURCED_IN_FULL.findall(spelled), *_run_by_name(spelled)])
        if b"./" in spelled:
            near |= dict.fromkeys(_NEAR.findall(spelled))
        for name in absolute:
            if not name.startswith(SYSTEM_BYTES):
                yield _path("/", name)
        for name in near:
            if b"$" not in name:
                yield _path(folder, name)


def language_by_look(path: str, text: bytes) -> str:
    """Give "python", "perl", "ruby", "php", "lua", "node", or "" for a shell or what cannot be told."""
    if text.startswith(b"#!"):
        match = _LANGUAGES.match(text)
        return match.group(1).decode() if match else ""
    return _ENDINGS.get(posixpath.splitext(path)[1], "")


def _run_by_name(text: bytes) -> Iterator[bytes]:
    """Give what an interpreter, or another command that runs a file, is given."""
    for word, pattern in _RUN.items():
        if word in text:
            yield from pattern.findall(text)


def _expanded(path: str, folder: str, text: bytes) -> Iterator[bytes]:
    """Give the lines of the text, with the script's own folder and each value of its variables spelled out.

    A line that says the same as another one is given once.
    """
    text = _spell_own_folder(path, folder, text)
    choices = [chosen for chosen in _choices(text) if chosen]
    if not choices or choices[0].keys().isdisjoint(a or b for a, b in _VARIABLE.findall(text)):
        yield text
        return
    lines = dict.fromkeys(text.split(b"\n"))
    with_variables = b"\n".join(line for line in lines if b"$" in line)
    yield b"\n".join(line for line in lines if b"$" not in line)
    seen: set[bytes] = set()
    for chosen in choices:
        spelled = dict.fromkeys(_spell(with_variables, chosen).split(b"\n"))
        yield b"\n".join(line for line in spelled if line not in seen)
        seen.update(spelled)


def _spell_own_folder(path: str, folder: str, text: bytes) -> bytes:
    if not _NAMES_ITSELF.search(text):
        return text
    own, whole = folder.encode("utf-8", "surrogateescape"), path.encode("utf-8", "surrogateescape")
    text = _OWN_FOLDER.sub(lambda _: own, text)
    text = _CHANGED_INTO.sub(lambda match: match.group(1), text)
    return _REAL_SELF.sub(lambda _: whole, text)


def _choices(text: bytes) -> Iterator[dict[bytes, bytes]]:
    """Give values for the variables of a script: each of a variable's values stands in one of the dicts."""
    values: dict[bytes, list[bytes]] = {}
    for match in _VALUE.finditer(text):
        name = _BEFORE_VALUE.fullmatch(text, text.rfind(b"\n", 0, match.start()) + 1, match.start())
        if name is not None:
            known = values.setdefault(name.group(1), [])
            if match.group(1) not in known and len(known) < _MOST_VALUES:
                known.append(match.group(1))
    if not values or len(values) > _MOST_VARIABLES:
        yield {}
        return
    for turn in range(max(len(known) for known in values.values())):
        yield {name: known[min(turn, len(known) - 1)] for name, known in values.items()}


def sourced_paths(path: str, text: bytes) -> tuple[str, ...]:
    """Give the paths that a shell script may source, each once; too many rather than too few."""
    if not may_source(text):
        return ()
    folder = posixpath.dirname(path)
    spelled = b"\n".join(_expanded(path, folder, text))
    found = [*_SOURCED.findall(spelled), *_SOURCED_IN_FULL.findall(spelled)]
    return tuple(dict.fromkeys(_path(folder, name) for name in found if b"$" not in name and b"`" not in name))


def may_source(text: bytes) -> bool:
    """Tell whether something in a script may be a command that sources another."""
    return _SOURCED.search(text) is not None or _SOURCED_IN_FULL.search(text) is not None


def path_speller(path: str, text: bytes) -> Callable[[bytes], tuple[str, ...]]:
    """Give the function that tells which paths a word of a shell script says; none where that cannot be told."""
    folder = posixpath.dirname(path)
    choices = list(_choices(_spell_own_folder(path, folder, text)))

    def spell(word: bytes) -> tuple[str, ...]:
        word = _spell_own_folder(path, folder, word)
        spelled = {
            _spell(word + b" ", dict(chosen)).strip().replace(b'"', b"").replace(b"'", b"") for chosen in choices
        }
        if any(set(one) & set(b"$`*?[(") for one in spelled):
            return ()
        return tuple(_path(folder, one) for one in sorted(spelled))

    return spell


def _spell(text: bytes, values: dict[bytes, bytes]) -> bytes:
    def value(match: re.Match[bytes]) -> bytes:
        return values.get(match.group(1) or match.group(2), match.group())

    # A value may name further variables: `LIB=$BASE/lib`. Only the values grow in these turns, and are short.
    for _ in range(_MOST_DEPTH):
        growing = [name for name, known in values.items() if b"$" in known]
        before = [values[name] for name in growing]
        values.update((name, _VARIABLE.sub(value, values[name] + b" ")[:1024].rstrip(b" ")) for name in growing)
        if before == [values[name] for name in growing]:
            break
    return _VARIABLE.sub(value, text)


def _required(folder: str, text: bytes, language: str) -> Iterator[str]:
    """What Perl, Ruby, PHP, Lua and JavaScript load, and literals that may name a file beside the script."""
    names = [match.group(1).lstrip(b"/") for match in _REQUIRED.finditer(text)]
    if language == "perl":
        names += [match.group(1).replace(b"::", b"/") for match in _MODULE.finditer(text)]
    if language == "lua":
        names += [name.replace(b".", b"/") for name in names]
    for name in names:
        for suffix in _SUFFIXES[language]:
            for place in (folder, posixpath.join(folder, "lib")):
                yield _path(place, name + suffix.encode())
    yield from literal_paths(folder, text)


def literal_paths(folder: str, text: bytes) -> Iterator[str]:
    """Give quoted words that look like a file, taken as standing beside the script."""
    for match in _LITERAL_PATH.finditer(text):
        yield _path(folder, match.group(1))


def _path(folder: str, name: bytes) -> str:
    return posixpath.normpath(posixpath.join(folder, name.decode("utf-8", "surrogateescape")))
