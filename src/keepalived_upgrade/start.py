"""Where the program begins: Ctrl-C is answered before the rest is imported, which takes most of its start.

Python itself starts before this module: a signal in its first milliseconds ends it in Python's own way.
"""

# The part of `signal` that needs no other module.
import _signal  # type: ignore[import-not-found]
import os

SAID = "interrupted; nothing was written, every file is as it was"


def leave(number: int, frame: object) -> None:
    """Answer a signal while nothing is done yet that would have to be put away."""
    os.write(2, f"keepalived-upgrade: {SAID}\n".encode())
    os._exit(128 + number)


def main() -> None:
    """Run the command line; see `cli.main`."""
    # Whoever lets a program ignore Ctrl-C (nohup) is obeyed.
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, leave)
    from keepalived_upgrade.cli import main as run

    run()
