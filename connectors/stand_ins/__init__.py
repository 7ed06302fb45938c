"""Stand-ins for the tools that hold time entries: small servers on loopback, with the traps of the real ones.

They feed the tests and the demo. They import nothing else of ours, so that they share no mistake with the connectors.
"""

from connectors.stand_ins.faults import Fault
from connectors.stand_ins.redmine import Redmine
from connectors.stand_ins.request_tracker import RequestTracker
from connectors.stand_ins.server import running

__all__ = ["Fault", "Redmine", "RequestTracker", "running"]
