"""What a line says to the client, in the client's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mappings.money import digits_of
from mappings.periods import Period
from mappings.rows import ESTIMATE, Share
from mappings.rules.charges import Adjustment
from mappings.rules.prices import quantity_of
from mappings.steps import hours, is_french
from mappings.work import WorkItem

LONGEST = 4000
"""QuickBooks takes no longer description."""

_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
_WORDS = {
    "en": {
        "work": "Work",
        "late": "late",
        "adjustment": "Adjustment",
        "colon": ":",
        "to": "to",
        "credit": "Credit",
        "discount": "Discount",
        "discount_percent": "Discount of {percent} % on {base}",
        "of_estimate": "of estimate",
        "so_far": "to",
        "of": "of",
        "week_of": "week of",
        "per_hour": "an hour",
        "per_day": "a day",
        "per_each": "each",
        "used": "{used} h used of {included} h included",
        "used_all": "{used} h used, all included",
        "minimum": "{used} used of a minimum of {minimum}",
        "deposit": "Deposit",
        "deposit_drawn": "Deposit used",
        "carried": " ({carried} h carried over)",
        "from": "from",
    },
    "fr": {
        "work": "Travaux",
        "late": "tardif",
        "adjustment": "Ajustement",
        "colon": "\u00a0:",
        "to": "au",
        "credit": "Crédit",
        "discount": "Remise",
        "discount_percent": "Remise de {percent}\u00a0% sur {base}",
        "of_estimate": "du devis",
        "so_far": "jusqu'à",
        "of": "de",
        "week_of": "semaine du",
        "per_hour": "l'heure",
        "per_day": "par jour",
        "per_each": "l'unité",
        "used": "{used} h utilisées sur {included} h incluses",
        "used_all": "{used} h utilisées, tout inclus",
        "minimum": "{used} utilisés sur un minimum de {minimum}",
        "deposit": "Acompte",
        "deposit_drawn": "Acompte utilisé",
        "carried": " ({carried} h reportées)",
        "from": "dès le",
    },
}


@dataclass(frozen=True, slots=True)
class HoursUsed:
    """What a retainer's fee tells of its period, in seconds: `included` (None: all) has in it what was carried over."""

    used: int = 0
    included: int | None = None
    carried: int = 0


class Words:
    """The sentences of one language; any other than French reads English."""

    def __init__(self, language: str) -> None:
        self._language = "fr" if is_french(language) else "en"
        self._words = _WORDS[self._language]

    def month(self, month: str) -> str:
        """ "2026-10" as October 2026, octobre 2026."""
        return f"{_MONTHS[self._language][int(month[5:7]) - 1]} {month[:4]}"

    def period(self, period: Period) -> str:
        """A month by its name, a quarter or year by its first and last month, anything else by its days."""
        first, last = f"{period.first:%Y-%m}", f"{period.last:%Y-%m}"
        if period.name == first == last:
            return self.month(first)
        if period.name == f"{first}..{last}":
            return f"{self.month(first)} {self._words['to']} {self.month(last)}"
        return self.days(period.first, period.last)

    def days(self, first: date, last: date) -> str:
        return f"{first} {self._words['to']} {last}" if first != last else str(first)

    def week(self, monday: date) -> str:
        """ "week of 2026-10-05": Monday to Sunday."""
        return f"{self._words['week_of']} {monday}"

    def rate(self, rate: Decimal, currency: str, unit: str) -> str:
        """ "84.00 CAD an hour"."""
        shown = f"{rate.normalize():f}"
        digits = max(digits_of(currency), len(shown.partition(".")[2]))
        return f"{self.number(f'{rate:.{digits}f}')} {currency} {self._words[f'per_{unit}']}"

    def time(self, lines_per: str, subject: str, services: Sequence[str], month: str, late: bool) -> str:
        """A line of time: what `lines_per` names, the service, and the month."""
        service = ", ".join(services) or self._words["work"]
        parts = [service] if not subject or subject in services else [service, subject]
        when = self.month(month)
        if late:
            return cut(f"{', '.join(parts)} ({self._words['late']}{self._words['colon']} {when})")
        return cut(", ".join(parts) if lines_per == "day" else ", ".join([*parts, when]))

    def entry(self, service: str, work: WorkItem, person: str, month: str, late: bool) -> str:
        """A line of one entry: its service, date, person and notes."""
        head = ", ".join(part for part in (service, str(work.worked_on), person) if part)
        if late:
            head = f"{head} ({self._words['late']}{self._words['colon']} {self.month(month)})"
        return cut(f"{head}{self._words['colon']} {work.notes.strip()}" if work.notes.strip() else head)

    def adjustment(self, adjustment: Adjustment, person: str, service: str, after_seconds: int) -> str:
        """ "Adjustment AB-2026-0001: 2026-10-03 Marie, Consultation: 4.00 h → 3.60 h"."""
        colon = self._words["colon"]
        change = f"{self.hours(adjustment.before_seconds)} h → {self.hours(after_seconds)} h"
        return cut(f"{self._adjusted(adjustment, person, service)}{colon} {change}")

    def lent(self, about: str, *, back: bool) -> str:
        """Hours that another company's document has: "Hydro-Québec, Consultation, Marie, October 2026"."""
        return cut(f"{self._words['adjustment']}{self._words['colon']} {about}" if back else about)

    def rerated(self, numbers: Sequence[str], about: str, rates: Sequence[str]) -> str:
        """ "Adjustment AB-2026-0001: Consultation, October 2026: 84.00 CAD an hour → 90.00 CAD an hour"."""
        head, colon = " ".join([self._words["adjustment"], ", ".join(numbers)]).strip(), self._words["colon"]
        return cut(f"{head}{colon} {about}{colon} {' → '.join(rates)}")

    def item_adjustment(
        self, adjustment: Adjustment, person: str, service: str, more: int, rates: Sequence[Decimal]
    ) -> str:
        """ "Adjustment AB-2026-0001: 2026-10-03 Marie, Hotel: 3 → 2"; with prices where they differ: 3 × 40.00 → …"""
        before = adjustment.before_quantity
        sides = [self.number(f"{quantity_of(count).normalize():f}") for count in (before, before + more)]
        if len(set(rates)) > 1:
            sides = [
                f"{side} × {self.number(f'{rate:f}')}" for side, rate in zip(sides, (rates[0], rates[-1]), strict=True)
            ]
        return cut(f"{self._adjusted(adjustment, person, service)}{self._words['colon']} {' → '.join(sides)}")

    def _adjusted(self, adjustment: Adjustment, person: str, service: str) -> str:
        head = " ".join([self._words["adjustment"], ", ".join(adjustment.numbers)]).strip()
        about = ", ".join(part for part in (f"{adjustment.worked_on} {person}".strip(), service) if part)
        return f"{head}{self._words['colon']} {about}"

    def retainer(self, name: str, stretch: str, hours: HoursUsed) -> str:
        """ "Support, October 2026: 5.00 h used of 8.00 h included"."""
        used = self.hours(hours.used)
        if hours.included is None:
            told = self._words["used_all"].format(used=used)
        else:
            told = self._words["used"].format(used=used, included=self.hours(hours.included))
            if hours.carried:
                told += self._words["carried"].format(carried=self.hours(hours.carried))
        return cut(f"{name}, {stretch}{self._words['colon']} {told}")

    def block(self, name: str, seconds: int, first: date | None, last: date | None) -> str:
        """ "Support block, 10.00 h, 2026-04-01 to 2026-06-30"."""
        valid = f"{self._words['from']} {first}" if first and last is None else ""
        if first and last:
            valid = self.days(first, last)
        return cut(", ".join(part for part in (name, f"{self.hours(seconds)} h", valid) if part))

    def true_up(self, name: str, period: Period, used: str, minimum: str, *, is_change: bool) -> str:
        """ "Support, October 2026: 380.00 used of a minimum of 500.00"; amounts as text."""
        colon = self._words["colon"]
        told = self._words["minimum"].format(used=self.number(used), minimum=self.number(minimum))
        text = f"{name}, {self.period(period)}{colon} {told}"
        return cut(f"{self._words['adjustment']}{colon} {text}" if is_change else text)

    def deposit(self, name: str) -> str:
        """ "Deposit: Retainer 2026"."""
        return cut(f"{self._words['deposit']}{self._words['colon']} {name}")

    def deposit_drawn(self, name: str) -> str:
        """ "Deposit used: Retainer 2026"."""
        return cut(f"{self._words['deposit_drawn']}{self._words['colon']} {name}")

    def fee(self, description: str, stretch: str, credit: bool) -> str:
        """ "Hosting, October 2026"; a credit for days not served says so."""
        text = f"{description}, {stretch}" if stretch else description
        return cut(f"{self._words['credit']}{self._words['colon']} {text}" if credit else text)

    def discount(self, percent: str, subject: str, base: str) -> str:
        """ "Discount of 10 % on 336.00, Web"; one of an amount gives only what it is for."""
        text = self._words["discount"]
        if percent:
            text = self._words["discount_percent"].format(percent=self.number(percent), base=self.number(base))
        return cut(f"{text}, {subject}" if subject else text)

    def share(self, description: str, share: Share, price: str, currency: str) -> str:
        """ "Website: 30% of 9000.00 CAD", "Website: to 35% of estimate 1023"."""
        written = self.number(share.written)
        if self._language == "fr":
            written = written.replace("%", "\u00a0%")
        if price.startswith(ESTIMATE):
            whole = f"{self._words['of_estimate']} {price.removeprefix(ESTIMATE)}"
        else:
            whole = f"{self._words['of']} {self.number(f'{Decimal(price):.{digits_of(currency)}f}')} {currency}"
        so_far = f"{self._words['so_far']} " if share.so_far else ""
        return cut(f"{description}{self._words['colon']} {so_far}{written} {whole}")

    def hours(self, seconds: int) -> str:
        return self.number(hours(seconds))

    def number(self, text: str) -> str:
        """A number as the language writes it: 4.00, 4,00."""
        return text.replace(".", ",") if self._language == "fr" else text


def cut(text: str) -> str:
    """At most LONGEST characters; what is cut shows."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def unique(names: Iterable[str]) -> list[str]:
    """Each name once, in order, blanks left out."""
    return sorted({name for name in names if name})
