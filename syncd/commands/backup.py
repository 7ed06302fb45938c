"""syncd backup"""

from __future__ import annotations

from pathlib import Path

import click

from syncd.commands.options import command as declare


@declare("backup", examples="syncd backup /var/backups/syncd-2026-11-03.db")
@click.argument("path", type=click.Path(path_type=Path), required=False)
def command(path: Path | None) -> int:
    """Copy the database of all companies while it is in use, to PATH (a new file, or a folder), and check the copy.

    Without PATH the copy is made beside the database, with the time in its name. Keep the key file (syncd.key) too:
    without it the copy holds everything but the connection to QuickBooks. How a copy is put back: docs/operations.md.
    """
    from syncd.checks.database import BACKED_UP
    from syncd.commands.output import complain, next_command, say
    from syncd.commands.session import open_sessions
    from syncd.engine.marks import set_mark

    with open_sessions() as sessions:
        store, now = sessions.store, sessions.clock.now()
        source = store.path
        name = f"{source.name if source else 'syncd.db'}.{now:%Y%m%dT%H%M%SZ}"
        target = path or (source or Path("syncd.db")).with_name(name)
        if target.is_dir():
            target /= name
        if target.exists():
            complain(f"syncd: {target} exists already; a backup never overwrites a file.")
            return 1
        store.backup(target)
        with store.write() as connection:
            for session in sessions.each:
                set_mark(connection, session.company, BACKED_UP, now)
        say(f"Wrote {target} ({target.stat().st_size:,} bytes), and found it sound.")
        next_command("syncd status")
    return 0
