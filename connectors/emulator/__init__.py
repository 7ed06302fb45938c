"""QuickBooks Online on loopback: a stand-in for trying syncd without an account, faults included.

It imports nothing of the client or the rules, so that it cannot share a mistake with them.
"""

from connectors.emulator.app import create_app
from connectors.emulator.emulator import DEFAULT_PORT, Emulator
from connectors.emulator.realms import realm_ids
from connectors.emulator.server import running, serve

__all__ = ["DEFAULT_PORT", "Emulator", "create_app", "realm_ids", "running", "serve"]
