"""The daemon: configuration, clock, store, engine steps, scheduler, commands and reports."""

__version__ = "0.1.0"
