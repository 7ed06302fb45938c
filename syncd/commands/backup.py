"""syncd backup"""

from __future__ import annotations

from pathlib import Path

import click

from syncd.commands.options import command as declare


@declare("backup", examples="syncd backup /var/backups/syncd-2026-11-03.db")
@click.argument("path", type=click.Path(path_type=Path), required=False)
def command(path: Path | None) -> int:
    """Copy the database while it is in use, to PATH (a new file, or a folder).

    Without PATH the copy is made beside the database, with the time in its name. Keep the key file (syncd.key) too:
    without it the copy holds everything but the connection to QuickBooks.
    """
    from syncd.commands.output import complain, next_command, say
    from syncd.commands.session import open_session

    with open_session() as session:
        source = session.store.path
        name = f"{source.name if source else 'syncd.db'}.{session.clock.now():%Y%m%dT%H%M%SZ}"
        target = path or (source or Path("syncd.db")).with_name(name)
        if target.is_dir():
            target /= name
        if target.exists():
            complain(f"syncd: {target} exists already; a backup never overwrites a file.")
            return 1
        session.store.backup(target)
        say(f"Wrote {target} ({target.stat().st_size:,} bytes).")
        next_command("syncd status")
    return 0
