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
    from syncd.clock import SystemClock
    from syncd.commands.options import config_path
    from syncd.commands.output import complain, next_command, say
    from syncd.config.companies import load_store
    from syncd.engine.marks import set_mark
    from syncd.store.database import open_store

    # Wrong tables must not keep a night's copy from being made: only the database's place is read.
    clock = SystemClock()
    store, now = open_store(load_store(config_path()).url.reveal(), clock), clock.now()
    try:
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
            set_mark(connection, "", BACKED_UP, now)
        say(f"Wrote {target} ({target.stat().st_size:,} bytes), and found it sound.")
        next_command("syncd status")
    finally:
        store.close()
    return 0
