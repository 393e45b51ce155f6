"""The command line: each command is a few lines over the library. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from typing import Annotated

import typer
from click import Command, Context, exceptions
from typer.core import TyperGroup

from keepalived_upgrade.cli import audit as _audit
from keepalived_upgrade.cli import follow as _follow
from keepalived_upgrade.cli import rename as _rename
from keepalived_upgrade.cli.effect import effect
from keepalived_upgrade.cli.generated import completion, manual, schema
from keepalived_upgrade.cli.listing import explain, list_migrations
from keepalived_upgrade.cli.undo import undo
from keepalived_upgrade.cli.upgrade import EPILOG, upgrade
from keepalived_upgrade.errors import Interrupted, UpgradeError
from keepalived_upgrade.start import SAID, leave


class _ReaderGone(Exception):
    """The reader of our output went away (`| head`)."""


class _Commands(TyperGroup):
    """The commands. typer itself says nothing on Ctrl-C, and ends with 1 when the reader is gone."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        # From 8.4 click itself says which command may be meant.
        self.suggest_commands = not hasattr(exceptions, "NoSuchCommand")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Context) -> object:
        started = signal.getsignal(signal.SIGINT) is leave
        try:
            if started:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            raise _ReaderGone from None
        except KeyboardInterrupt:
            if ctx.invoked_subcommand == "undo":
                raise Interrupted("interrupted", cure="Run undo again: it goes on where it was.") from None
            raise Interrupted(SAID) from None
        finally:
            # All is done. Python would complain of a Ctrl-C while it puts its things away.
            if started:
                signal.signal(signal.SIGINT, signal.SIG_IGN)


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Carry a keepalived configuration, and the scripts that know its names, from one release to another.",
    epilog="Begin with: keepalived-upgrade upgrade. It writes nothing.  |  "
    "Exit status: 0 fine, 1 --check or audit found something, 2 bad usage or input, 3 --write refused because a "
    "decision is open, 4 refused because a proof failed, 5 a fault of this program.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from keepalived_upgrade import __version__

        typer.echo(f"keepalived-upgrade {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Hold the options that stand before a command."""


# The help of a command is cut short in the list of all of them, so each has a shorter one of its own.
app.command(epilog=EPILOG, short_help="Show an upgrade as a diff; --write does it.")(upgrade)
app.command(epilog=_audit.EPILOG, short_help="Find names that scripts and configuration do not share.")(_audit.audit)
app.command(epilog=_rename.EPILOG, short_help="Carry a rename of your own; --write does it.")(_rename.rename)
app.command(epilog=_follow.EPILOG, short_help="Carry a change made by hand into scripts.")(_follow.follow)
app.command(short_help="Show what a release does with a configuration.")(effect)
app.command(short_help="Put the files back as they were before --write.")(undo)
app.command("list", short_help="List the migrations.")(list_migrations)
app.command(short_help="Say what a migration does or a finding means.")(explain)
app.command(short_help="Print the JSON Schema of what --format json gives.")(schema)
app.command(short_help="Print the completion script for a shell.")(completion)
app.command("man", short_help="Print the manual page, for `man -l`.")(manual)


def main() -> None:
    """Run the command line. Bad input ends with a message and its status, never with a traceback."""
    if not sys.warnoptions:  # what Python thinks of a script or a pattern of the operator's is no message of ours
        warnings.simplefilter("ignore")
    try:
        app(prog_name="keepalived-upgrade")
    except UpgradeError as error:
        _fail(str(error), error.exit_status)
    except KeyboardInterrupt:
        _fail(SAID, 130)
    except _ReaderGone:
        # Python would complain once more when it flushes. The status is the one of a program that SIGPIPE ends:
        # neither --check nor --write came to their end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:  # the last line of defence: no operator shall see a traceback
        if os.environ.get("KEEPALIVED_UPGRADE_DEBUG"):
            raise
        hint = "set KEEPALIVED_UPGRADE_DEBUG=1 to see where, and report it"
        _fail(f"a fault of this program ({type(error).__name__}: {error}); {hint}", 5)


def _fail(message: str, status: int) -> None:
    import shutil

    from keepalived_upgrade.review.cells import fold
    from keepalived_upgrade.review.masking import clean, mask

    width = 0
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")  # what progress left on the line
        width = shutil.get_terminal_size().columns
    first, *more = [mask(clean(line)) for line in message.splitlines()] or [""]
    lines = fold(f"keepalived-upgrade: {first}", width)
    lines += [f"  {part}" for line in more for part in fold(line.strip(), max(20, width - 2) if width else 0)]
    print("\n".join(lines), file=sys.stderr)
    sys.exit(status)
