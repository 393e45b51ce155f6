"""Where a Python script leads: modules beside it, and paths that it makes from its own place and from constants."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from keepalived_upgrade.dependents.leads import literal_paths

_FROM = re.compile(
    rb"^[ \t]*+from[ \t]++(\.*+)([\w.]*+)[ \t]*+(?<=[ \t])import[ \t]++(\([^)]{0,4000}\)|[^\n#;]+)", re.MULTILINE
)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_BY_NAME = re.compile(rb"(?:import_module|__import__|run_module)\(\s*[\"'](\.*+)([\w.]*+)[\"']")
_OWN_FOLDER = re.compile(
    rb"(?:os\.)?(?:path\.)?dirname\(\s*(?:(?:os\.)?(?:path\.)?(?:abspath|realpath)\(\s*)?"
    rb"(?:__file__|sys\.argv\[0\])\s*\)(?:\s*\))?"
    rb"|(?:pathlib\.)?Path\(\s*(?:__file__|sys\.argv\[0\])\s*\)(?:\.(?:resolve|absolute)\(\))?\.parent\b"
)
_BESIDE = re.compile(rb"(?:pathlib\.)?Path\(\s*__file__\s*\)(?:\.(?:resolve|absolute)\(\))?\.with_name\(")
_WRAPPED = re.compile(
    rb"(?<![\w.])(?:(?:pathlib\.)?Path|str|os\.fspath|os\.path\.abspath)\(\s*([\"'][^\"'\n]*[\"'])\s*\)"
)
_CONSTANT = re.compile(rb"^[ \t]*([A-Za-z_]\w*)\s*=\s*([\"'])([\w./+@-]+)\2[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_JOIN = re.compile(rb"(?<![\w])(?:os\.)?(?:path\.)?join\(\s*((?:[\"'][\w./+@-]*[\"']\s*(?:,\s*)?)+)\)")
_METHOD = re.compile(rb"([\"'])([\w./+@-]+)\1\.joinpath\(\s*((?:[\"'][\w./+@-]*[\"']\s*(?:,\s*)?)+)\)")
_SLASHES = re.compile(rb"[\"']([\w./+@-]+)[\"']((?:\s*/\s*[\"'][\w./+@-]+[\"'])+)")
_SUM = re.compile(rb"[\"']([\w./+@-]+)[\"'](?:\s*\+\s*[\"']([\w./+@-]*)[\"'])")
_FIELD = re.compile(rb"\{([A-Za-z_]\w*)\}")
_LITERAL = re.compile(rb"[\"']([\w./+@-]*)[\"']")
_PATH = re.compile(rb"[\"'](/[\w./+@-]+)[\"'/]")
_FOLDER_OF_MODULES = re.compile(rb"sys\.path\.(?:insert|append)\(\s*(?:\d+\s*,\s*)?[\"']([\w./+@-]+)[\"']")
_MOST_TURNS = 4
_MOST_FOLDERS = 8


def python_leads(folder: str, text: bytes) -> Iterator[str]:
    """Give the modules and files that a Python script in a folder may lead to. They need not exist."""
    spelled = _spell_paths(folder, text) if _makes_paths(text) else text
    folders = _folders(folder, spelled)
    for dots, module in _modules(text):
        for file in module_files(folders, dots, module):
            yield file
            if file.endswith("/__init__.py"):
                yield file.replace("__init__", "__main__")
    for match in _PATH.finditer(spelled):
        yield posixpath.normpath(_text(match.group(1)))
    yield from literal_paths(folder, spelled)


def module_folders(folder: str, text: bytes) -> list[str]:
    """Give the folders in which a script looks for its modules: its own first, then what it adds to sys.path."""
    return _folders(folder, _spell_paths(folder, text) if b"sys.path" in text else text)


def _folders(folder: str, spelled: bytes) -> list[str]:
    added = (_text(match.group(1)) for match in _FOLDER_OF_MODULES.finditer(spelled))
    return [folder, *(posixpath.normpath(posixpath.join(folder, one)) for one in added)][:_MOST_FOLDERS]


def module_files(folders: Iterable[str], dots: str, module: str) -> Iterator[str]:
    """Give the files that a module may be. dots: those before its name, for one that is relative."""
    for place in folders:
        base = posixpath.normpath(posixpath.join(place, *[".."] * (len(dots) - 1), *module.split(".")))
        yield base + ".py"
        yield posixpath.join(base, "__init__.py")


def imported_files(path: str, text: bytes) -> Iterator[str]:
    """Give the files that the modules may be that a script imports. They need not exist."""
    folders = module_folders(posixpath.dirname(path), text)
    for dots, module in _modules(text):
        yield from module_files(folders, dots, module)


def _modules(text: bytes) -> Iterator[tuple[str, str]]:
    """Give (leading dots, dotted name) of everything imported; a name taken from a package may be a module."""
    for match in _IMPORT.finditer(text):
        for name in match.group(1).split(b","):
            words = name.split()
            if words:
                yield from _packages("", _text(words[0]))
    for match in _FROM.finditer(text):
        dots, module = _text(match.group(1)), _text(match.group(2))
        if module:
            yield from _packages(dots, module)
        for name in match.group(3).strip(b"()").split(b","):
            words = name.split()
            if words and re.fullmatch(rb"\w+", words[0]):
                yield dots, ".".join(part for part in (module, _text(words[0])) if part)
    for match in _BY_NAME.finditer(text):
        yield from _packages(_text(match.group(1)), _text(match.group(2)))


def _packages(dots: str, module: str) -> Iterator[tuple[str, str]]:
    """Importing a.b runs a/__init__.py first."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        yield dots, ".".join(parts[:length])


def _makes_paths(text: bytes) -> bool:
    return (
        b"__file__" in text or b"join" in text or b"Path(" in text or b"argv[0]" in text or b"+" in text or b"{" in text
    )


def _spell_paths(folder: str, text: bytes) -> bytes:
    """Put the literal path in the place of expressions that make one, in a few turns, innermost first."""
    own = b'"%s"' % folder.encode("utf-8", "surrogateescape")
    text = _BESIDE.sub(lambda _: own + b".joinpath(", _OWN_FOLDER.sub(lambda _: own, text))
    for _ in range(_MOST_TURNS):
        constants = {match.group(1): match.group(3) for match in _CONSTANT.finditer(text)}
        before = text
        text = _put_constants(text, constants)
        text = _WRAPPED.sub(rb"\1", text)
        text = _JOIN.sub(lambda match: _joined(b"", match.group(1)), text)
        text = _METHOD.sub(lambda match: _joined(match.group(2), match.group(3)), text)
        text = _SLASHES.sub(lambda match: _joined(match.group(1), match.group(2)), text)
        text = _SUM.sub(rb'"\1\2"', text)
        if text == before:
            break
    return text


def _put_constants(text: bytes, constants: dict[bytes, bytes]) -> bytes:
    if not constants:
        return text
    # A name is a value where it stands before `,`, `/`, `+`, `.joinpath` or `)`: never where it is assigned.
    names = b"|".join(sorted(constants, reverse=True))
    value = re.compile(rb"(?<![\w.\"'])(" + names + rb")(?=\s*(?:,|/|\+|\)|\.joinpath))")
    text = value.sub(lambda match: b'"%s"' % constants[match.group(1)], text)
    return _FIELD.sub(lambda match: constants.get(match.group(1), match.group()), text)


def _joined(first: bytes, rest: bytes) -> bytes:
    parts = [part for part in (first, *_LITERAL.findall(rest)) if part]
    return b'"%s"' % posixpath.join(b"", *parts)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
