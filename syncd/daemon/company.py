"""One company's jobs: when each is due in the company's own zone, and what it does.

A firing only says "look at what is due": what that is comes from the database, so a firing that is missed, late or
doubled bills nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connectors.quickbooks.errors import QuickBooksError
from connectors.quickbooks.oauth import OAuthError
from mappings.world import Run
from syncd.clock import BusinessDate
from syncd.config.lending import lenders_of, lends
from syncd.cycle import Steps
from syncd.daemon.consent import LOOK_EVERY, Consents
from syncd.daemon.outages import Outages
from syncd.daemon.said import Said
from syncd.daemon.tables import LiveTables
from syncd.daemon.watch import Watch
from syncd.engine.draft import TablesMovedError
from syncd.engine.expiry import warning_due
from syncd.engine.marks import read_mark, set_mark
from syncd.engine.push_run import Task
from syncd.engine.quickbooks import QuickBooks, StoppingError
from syncd.engine.reference import load_books
from syncd.engine.world import unsent_documents
from syncd.store.leases import LeaseHeldError

_PUSHED = "pushed"
AFTER_OUTAGE = timedelta(minutes=5)
"""How long after QuickBooks could not be asked it is asked again for what is due or in doubt."""
AFTER_ANOTHER = timedelta(minutes=1)
"""How long after another one held the lease it is asked for again."""
_PATIENCE_SECONDS = 30.0
"""How long a push waits while payments are read, which begin at the same moment when the daemon starts."""
_JOBS_BESIDE_PULLS = 5
"""A push, payments, the day's reconcile, a look at what is in doubt, one for a new consent: none waits for a source."""

_TRIES = 3
"""How often a draft is begun anew because somebody is writing the tables."""

Later = Callable[[str, Callable[[], None], datetime], None]
"""Plans a job of this name for a moment, in place of the one that was planned."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job and when it is due; `first` is its first moment, None where the trigger says it."""

    name: str
    work: Callable[[], None]
    trigger: Any
    first: datetime | None = None


class CompanyJobs:
    """What the daemon does for one company. `later` is set by the daemon."""

    def __init__(self, steps: Steps, business: BusinessDate, watch: Watch, outages: Outages) -> None:
        self._steps, self._business, self._watch, self._outages = steps, business, watch, outages
        self._clock = steps.clock
        self._said = Said(self.name, outages)
        self.tables = LiveTables(steps.config, steps.store, steps.clock, outages)
        self._consents = Consents(steps.store, self.name)
        self.later: Later = lambda _name, _work, _moment: None
        self.others: Sequence[LiveTables] = ()
        """The tables of the other companies, of which some may lend people to this one."""

    @property
    def name(self) -> str:
        return self._steps.config.company.name

    @property
    def threads(self) -> int:
        """How many of its jobs may run at once: a slow source must not keep the push waiting."""
        return len(self._steps.config.sources) + _JOBS_BESIDE_PULLS

    @property
    def steps(self) -> Steps:
        """The steps for the job of this thread, with the tables as last read; its requests are its signs of life."""
        lenders = lenders_of(self.tables.config, [other.config for other in self.others])
        config = replace(self.tables.config, lenders=lenders)
        return replace(self._steps, config=config, beat=self._watch.beat_of_this_job())

    @property
    def _read_tables(self) -> list[LiveTables]:
        """The tables that its drafts rest on: its own, and those of who lends to it."""
        return [self.tables, *(other for other in self.others if lends(other.config.tables, self.name))]

    def jobs(self, now: datetime) -> Iterator[Job]:
        """The jobs that the config asks for."""
        daemon, zone = self._steps.config.daemon, self._steps.config.company.timezone

        def every(period: timedelta) -> IntervalTrigger:
            return IntervalTrigger(seconds=period.total_seconds(), start_date=now, timezone=zone)

        def daily(at: time) -> CronTrigger:
            return CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)

        for source in self._steps.config.sources:
            yield Job(f"pull:{source}", partial(self.pull, source), every(daemon.pull_every), now)
        # One job for all hours: those that a suspend has missed are made up for by one push.
        yield Job("push", self.coming_back(self.push), OrTrigger([daily(at) for at in daemon.push_at]))
        yield Job("payments", self.payments, every(daemon.payments_every), now)
        yield Job("reconcile", self.reconcile, daily(daemon.reconcile_at))
        yield Job("catch-up", self.coming_back(self.catch_up), DateTrigger(now))
        yield Job("connection", self.look_at_connection, every(LOOK_EVERY), now)

    def coming_back(self, work: Callable[[], None]) -> Callable[[], None]:
        """Work that catches up later where another one holds the lease, or QuickBooks could not be asked.

        The lease's holder may have died, so that nobody else does it; an outage must not put off a doubt for a day.
        """

        def come_back(moment: datetime) -> None:
            self.later("catch-up", self.coming_back(self.catch_up), moment)

        def job() -> None:
            try:
                work()
            except LeaseHeldError as error:
                # Its holder gives it back long before its end, unless it has died.
                soon = self._clock.now() + AFTER_ANOTHER
                come_back(min(max(error.until, self._clock.now()), soon) + timedelta(seconds=1))
                raise
            except StoppingError:
                raise
            except (QuickBooksError, OAuthError):
                come_back(self._clock.now() + AFTER_OUTAGE)
                raise

        return job

    def pull(self, source: str) -> None:
        """Read one source, draft what is due, and approve what the policy lets through."""
        today = self._business.today(self._steps.config.company.timezone)
        reports = self.steps.pull(today, names=[source])
        for report in reports:
            if report.busy:
                raise report.busy
            self._said.pulled(report)
        if not any(report.stopped for report in reports):
            self._draft(None)

    def _draft(self, opened: QuickBooks | None) -> None:
        """Draft with the tables as they are; while they are wrong, with those before, and then nothing is taken back.

        An approval may have been made with tables that were right for a while: older ones must not judge it. Nor does
        the policy approve anything meanwhile.
        """
        today = self._business.today(self._steps.config.company.timezone)
        for _ in range(_TRIES):
            looked = self._read_tables
            read = [one.look() for one in looked]
            right = all(read)
            steps = self.steps
            if not right and self._has_approved():
                return
            try:
                drafts = steps.draft(today, Run(), opened, still=partial(_are_current, looked), only_changed=True)
            except TablesMovedError:
                continue
            approved = steps.auto_approve(drafts) if right else ()
            self._said.drafted(drafts, len(approved))
            return
        raise TablesMovedError(TablesMovedError.__doc__)

    def _has_approved(self) -> bool:
        """Whether something is approved and not sent, so that a draft could take it back."""
        with self._steps.store.read() as connection:
            return bool(unsent_documents(connection, self.name))

    def push(self) -> None:
        """A whole round with QuickBooks: its lists, drafts over them, the policy, sending, and what was paid."""
        steps = self.steps
        with steps.quickbooks() as opened:
            steps.reference(opened)
            self._meet(steps, opened)
            self._draft(opened)
            well = self._send(steps, opened)
            with steps.store.write() as connection:
                set_mark(connection, self.name, _PUSHED, self._clock.now())
            self._payments(steps, opened, whole=False)
        if well:
            self._outages.up("quickbooks", company=self.name)

    def _meet(self, steps: Steps, opened: QuickBooks) -> None:
        """Before anything is sent for the first time: adopt what QuickBooks has of ours that an older copy has not."""
        today = self._business.today(steps.config.company.timezone)
        read, adopted = steps.meet(opened, today, wait_seconds=_PATIENCE_SECONDS)
        self._said.payments(read)
        self._said.adopted(adopted)

    def clear_doubts(self) -> None:
        """Look for what may have been sent, and go on with what waits; nothing is sent for the first time."""
        steps = self.steps
        with steps.quickbooks() as opened:
            if steps.has_new_to_send():
                # An e-mail may wait that an older copy of the database does not know to have left.
                self._meet(steps, opened)
            self._send(steps, opened, wanted=was_begun)

    def _send(self, steps: Steps, opened: QuickBooks, wanted: Callable[[Task], bool] | None = None) -> bool:
        """Send, and plan what a quarantine or a pause puts off; whether nothing kept the company from it."""
        report = steps.push(opened, wanted=wanted, applying=wanted is None)
        self._said.sent(report)
        if report.next_at is not None:
            # The quarantine or a pause ends then; its row waits for nothing else.
            moment = max(report.next_at, self._clock.now() + timedelta(seconds=1))
            self.later("doubts", self.coming_back(self.clear_doubts), moment)
        return not report.problems

    def payments(self) -> None:
        """Read what changed in QuickBooks."""
        steps = self.steps
        with steps.quickbooks() as opened:
            self._first_lists(steps, opened)
            self._payments(steps, opened, whole=False)
        self._outages.up("quickbooks", company=self.name)

    def look_at_connection(self) -> None:
        """Say when the connection will end, and go on at once after a person has consented anew."""
        self._said.connection(warning_due(self._steps.store, self.name, self._clock))
        if self._consents.is_new():
            self.later("catch-up", self.coming_back(self.go_on), self._clock.now())

    def go_on(self) -> None:
        """All that waited for the connection."""
        self.payments()
        self.catch_up()

    def _first_lists(self, steps: Steps, opened: QuickBooks) -> None:
        """Soon after connecting, read the lists: until the first hour of a push every draft would stand as blocked."""
        with steps.store.read() as connection:
            known = load_books(connection, self.name) is not None
        if not known:
            steps.reference(opened)
            self._draft(opened)

    def reconcile(self) -> None:
        """Compare everything with QuickBooks."""
        steps = self.steps
        with steps.quickbooks() as opened:
            self._payments(steps, opened, whole=True)
        self._outages.up("quickbooks", company=self.name)

    def _payments(self, steps: Steps, opened: QuickBooks, *, whole: bool) -> None:
        self._said.payments(steps.payments(opened, whole=whole))

    def catch_up(self) -> None:
        """After a start: what was begun is looked for, and a push whose hour passed meanwhile is made now."""
        with self._steps.store.read() as connection:
            pushed = read_mark(connection, self.name, _PUSHED)
        now = self._clock.now().astimezone(self._steps.config.company.timezone)
        if pushed is None:
            # The first start of all owes no push; from now on an hour that an outage spoils is made up for.
            with self._steps.store.write() as connection:
                set_mark(connection, self.name, _PUSHED, now)
        if pushed is not None and pushed < latest_before(now, self._steps.config.daemon.push_at):
            self.push()
        else:
            self.clear_doubts()


def _are_current(looked: Sequence[LiveTables]) -> bool:
    return all(one.are_current() for one in looked)


def was_begun(task: Task) -> bool:
    """Whether an earlier run has begun to send this, or it is the e-mail of a document that is there already."""
    return task.row.state != "ready" or task.row.doubted or task.row.operation == "send"


def latest_before(now: datetime, times: tuple[time, ...]) -> datetime:
    """The last of these times of day, in `now`'s zone, that has passed: today's, or yesterday's last."""
    moments = [
        datetime.combine(now.date() - timedelta(days=days), at, tzinfo=now.tzinfo) for days in (0, 1) for at in times
    ]
    return max((moment for moment in moments if moment <= now), default=datetime.min.replace(tzinfo=now.tzinfo))
