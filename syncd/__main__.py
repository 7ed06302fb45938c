"""The `syncd` command, also as `python -m syncd`."""

from __future__ import annotations

from syncd.commands.group import main

if __name__ == "__main__":
    main()
