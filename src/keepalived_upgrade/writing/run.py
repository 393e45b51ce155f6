"""Writing, undoing, finishing, pruning: each takes the lock, and leaves all files old or all files new."""

from __future__ import annotations

import os
import shlex

from keepalived_upgrade.errors import ProofError, UndecidedError, WriteError
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.writing.bundles import Bundle, Entry, Side, State
from keepalived_upgrade.writing.checks import check_plan
from keepalived_upgrade.writing.failures import ChangedError, failing
from keepalived_upgrade.writing.failures import write_error as explain
from keepalived_upgrade.writing.files import bring
from keepalived_upgrade.writing.store import Store, list_bundles, locked, refuse_busy

_ON_THE_WAY = {Side.NEW: State.WRITING, Side.OLD: State.UNDOING}
_OTHER = {Side.NEW: Side.OLD, Side.OLD: Side.NEW}


def write_plan(plan: Plan) -> str:
    """Write all files of a plan or none, and give the id of the undo bundle ("" when there is nothing to write).

    Raises UndecidedError while a decision is open, ProofError when a proof failed, WriteError when the host is not
    as it was read or a file cannot be written whole; then nothing is changed, or the error says what to do.
    """
    _refuse_open(plan)
    if not plan.files:
        refuse_interrupted(plan.root)
        return ""
    with locked(plan.root) as store:
        if left := _pending(store):
            raise _interrupted(left)
        with failing("the files cannot be examined, and nothing was changed"):
            entries, made = check_plan(plan, store.folders)
        with failing("the undo bundle cannot be written, and nothing was changed"):
            texts = [(entry, change.before, change.after) for entry, change in zip(entries, plan.files, strict=True)]
            bundle = store.save(str(plan.source), str(plan.target), made, texts)
        try:
            _go(store, bundle, Side.NEW, back=True)
        except ChangedError as error:
            error.cure = "All files of the upgrade are as they were. Run it again."
            raise
        return bundle.id


def undo(root: str | os.PathLike[str] = "/", id: str = "") -> tuple[str, ...]:
    """Put the old files of a bundle back and give their paths; an interrupted run is undone from wherever it was.

    id: the bundle; without it the interrupted one, else the last. Raises WriteError when there is no such bundle, or
    when a file has neither its old nor its new text; then nothing is changed.
    """
    with locked(os.path.realpath(root)) as store:
        bundle = _choose(store, id)
        _go(store, bundle, Side.OLD, back=not bundle.interrupted)
        return tuple(entry.path for entry in bundle.files)


def finish(root: str | os.PathLike[str] = "/") -> tuple[str, ...]:
    """Complete the interrupted run: write all its new files, and give their paths. Raises WriteError as undo does."""
    with locked(os.path.realpath(root)) as store:
        bundle = _pending(store)
        if bundle is None:
            raise WriteError(
                "no run was interrupted", path=store.folders.outer(store.place), cure="There is nothing to finish."
            )
        _go(store, bundle, Side.NEW, back=False)
        return tuple(entry.path for entry in bundle.files)


def prune(root: str | os.PathLike[str], keep: int) -> tuple[str, ...]:
    """Remove all undo bundles but the newest `keep`, never an interrupted one, and give the ids of those removed."""
    with locked(os.path.realpath(root)) as store, failing("the undo bundle cannot be removed"):
        at_rest = [bundle for bundle in store.bundles() if not bundle.interrupted]
        doomed = at_rest[: len(at_rest) - keep] if keep < len(at_rest) else []
        for bundle in doomed:
            store.remove(bundle)
        return tuple(bundle.id for bundle in doomed)


def refuse_interrupted(root: str | os.PathLike[str]) -> None:
    """Raise WriteError when the files are old and new mixed: a run was interrupted, or is writing right now."""
    for bundle in list_bundles(root):
        if bundle.interrupted:
            refuse_busy(root)
            raise _interrupted(bundle)


def _refuse_open(plan: Plan) -> None:
    if plan.decisions():
        first, *more = plan.decisions()
        what = f"{len(more) + 1} things must be decided first, one of them" if more else "this must be decided first"
        raise UndecidedError(
            f"nothing was written: {what}: {first.message}",
            path=first.place.path,
            line=first.place.line,
            column=first.place.column,
            cure=f"{first.cure} `--accept {first.id}` takes it as decided.",
        )
    if plan.failed_proofs():
        proof = plan.failed_proofs()[0]
        raise ProofError(
            f"nothing was written: the proof {proof.name!r} failed: {proof.detail}",
            cure="Mend that place by hand, or leave the change out with --skip or --interactive, then run again.",
        )


def _interrupted(bundle: Bundle) -> WriteError:
    return WriteError(
        f"an earlier run was interrupted while it was {bundle.state.value}",
        path=str(bundle.folder),
        cure=_ways_out(bundle),
    )


def _pending(store: Store) -> Bundle | None:
    return next((bundle for bundle in store.bundles() if bundle.interrupted), None)


def _choose(store: Store, id: str) -> Bundle:
    bundles, left = store.bundles(), _pending(store)
    last = [left] if left else bundles[-1:]
    chosen = [bundle for bundle in bundles if bundle.id == id] if id else last
    if not chosen:
        raise WriteError(
            f"there is no undo bundle {id}" if id else "there is nothing to undo",
            path=store.folders.outer(store.place),
            cure=f"`keepalived-upgrade undo{_option(store.folders.root)} --list` shows the bundles."
            if id
            else "No upgrade was written here, or it was undone already.",
        )
    bundle = chosen[0]
    if left and left != bundle:
        raise _interrupted(left)
    paths = {entry.path for entry in bundle.files}
    for later in bundles[bundles.index(bundle) + 1 :][::-1]:
        for entry in later.files:
            if entry.path in paths:
                raise WriteError(
                    "a later upgrade changed the same file", path=entry.path, cure=f"Undo {later.id} first."
                )
    return bundle


def _go(store: Store, bundle: Bundle, side: Side, *, back: bool) -> None:
    """Bring all files of a bundle to one side.

    back: they are all on the other side, and a failure brings them back to it; else a failure leaves the bundle
    interrupted. Raises WriteError that says which of the two is the case.
    """
    touched: list[Entry] = []
    settling = False
    try:
        store.mark(bundle, _ON_THE_WAY[side])
        bring(store, bundle, side, bundle.files, touched)
        store.folders.check()
        settling = True
        if side is Side.NEW:
            store.mark(bundle, State.WRITTEN)
    except BaseException as error:
        if back:
            _go_back(store, bundle, side, touched, settling)
        elif isinstance(error, KeyboardInterrupt):
            raise _torn(bundle, error) from error
        if not isinstance(error, OSError):
            raise
        if not back:
            raise _torn(bundle, error) from error
        files = "as they were" if side is Side.NEW else "as the upgrade wrote them"
        raise explain(f"{_ON_THE_WAY[side].value} failed, and all files are {files}", error) from error
    if side is Side.OLD:
        _remove(store, bundle)


def _go_back(store: Store, bundle: Bundle, side: Side, touched: list[Entry], settling: bool) -> None:
    """Bring the files that may have been touched back. settling: the journal may say already that all is done."""
    try:
        if settling:
            store.mark(bundle, _ON_THE_WAY[_OTHER[side]])
        bring(store, bundle, _OTHER[side], touched, [])
        if side is Side.OLD:
            store.mark(bundle, State.WRITTEN)
    except BaseException as error:
        raise _torn(bundle, error) from error
    if side is Side.NEW:
        _remove(store, bundle)


def _torn(bundle: Bundle, error: BaseException) -> WriteError:
    reason = error.reason if isinstance(error, WriteError) else getattr(error, "strerror", None) or type(error).__name__
    path = error.path if isinstance(error, WriteError) else getattr(error, "filename", None)
    return WriteError(
        f"the run was interrupted, and the files may be neither all old nor all new: {reason}",
        path=str(path or bundle.folder),
        cure=f"Mend that first. Then {_ways_out(bundle)}",
    )


def _remove(store: Store, bundle: Bundle) -> None:
    try:
        store.remove(bundle)
    except OSError as error:
        raise WriteError(
            f"all old files are in place, but the undo bundle cannot be removed: {error.strerror or error}",
            path=str(bundle.folder),
            cure=f"Mend that; then `keepalived-upgrade undo{_root(bundle)} {bundle.id}` or the next run removes it.",
        ) from error


def _ways_out(bundle: Bundle) -> str:
    command = f"keepalived-upgrade undo{_root(bundle)}"
    return f"`{command}` puts the old files back; `{command} --finish` writes the new ones."


def _root(bundle: Bundle) -> str:
    return _option(bundle.root)


def _option(root: str) -> str:
    return "" if root == "/" else f" --root {shlex.quote(root)}"
