"""What an explanation says itself, in English and French; what rules did is told by steps (mappings/steps.py)."""

from __future__ import annotations

from decimal import Decimal

from mappings.steps import is_french, unbroken
from syncd.reports.values import Money, amount_text, duration_text

WORDS = {
    # An entry.
    "deleted": ("deleted in the source", "supprimée à la source"),
    "given": ("As the source gave it", "Telle que la source l'a donnée"),
    "where": ("Where its time is", "Où se trouve son temps"),
    "revision": ("revision {number}, seen {at}", "révision {number}, vue le {at}"),
    "changed": ("changed: {fields}", "modifié : {fields}"),
    "not-billable": ("not billable", "non facturable"),
    "sign-off": ("sign-off {state}", "approbation : {state}"),
    "own-rate": ("carries a rate of {rate}", "porte un taux de {rate}"),
    "item": ("{kind} {quantity} × {price}", "{kind} {quantity} × {price}"),
    "rebate": ("rebate {percent} %", "rabais de {percent} %"),
    "the-rate": ("the rate", "le taux"),
    "note": ("“{text}”", "« {text} »"),
    "sum": ("{pulled} pulled, {held} accounted for", "{pulled} reçus, {held} retracés"),
    "and": ("{left} and {right}", "{left} et {right}"),
    "one-item": ("{count} item", "{count} article"),
    "items": ("{count} items", "{count} articles"),
    # What a document does to an entry.
    "line": ("line {number}", "ligne {number}"),
    "billed-as": ("billed as {size} ({rounding})", "soit {size} après arrondi ({rounding})"),
    "billed": ("billed as {size}", "soit {size}"),
    "draws": ("draws {size}", "compte pour {size}"),
    "at-hour": ("at {rate} an hour", "à {rate} l'heure"),
    "at-day": ("at {rate} a day", "à {rate} par jour"),
    "at-each": ("at {rate} each", "à {rate} l'unité"),
    "from": ("from {first}", "dès le {first}"),
    "until": ("until {last}", "jusqu'au {last}"),
    "from-until": ("from {first} until {last}", "du {first} au {last}"),
    "item-name": ("item {name}", "article {name}"),
    "minimum": ("at least {minutes} min", "au moins {minutes} min"),
    "step-up": ("steps of {minutes} min, up", "tranches de {minutes} min, vers le haut"),
    "step-nearest": ("steps of {minutes} min, nearest", "tranches de {minutes} min, au plus près"),
    "step-down": ("steps of {minutes} min, down", "tranches de {minutes} min, vers le bas"),
    "by-entry": ("by entry", "par entrée"),
    "by-day": ("by day", "par jour"),
    "by-line": ("by line", "par ligne"),
    "part": (
        "It is the part of {day} of an entry that runs over midnight.",
        "C'est la part du {day} d'une entrée qui chevauche minuit.",
    ),
    "premium": (
        "It is billed at the premium {name}: {rate} instead of {base}.",
        "Facturée avec la majoration {name} : {rate} au lieu de {base}.",
    ),
    "counts": ("It counts against {name} ({period}).", "Elle compte pour {name} ({period})."),
    "discounted": (
        "{percent} % of it comes off, on a line of its own.",
        "Une remise de {percent} % en est faite, sur une ligne distincte.",
    ),
    # A document.
    "head": ("{client} {period} · {kind} dated {day}", "{client} {period} · {kind} du {day}"),
    "credited": (
        "Its total is negative: it is a credit memo, never a negative invoice.",
        "Son total est négatif : c'est une note de crédit, jamais une facture négative.",
    ),
    "document-line": ("Line {number}", "Ligne {number}"),
    "unbilled": ("On no line", "Sur aucune ligne"),
    "hours": ("Hours of its retainers", "Heures de ses forfaits"),
    "hours-moved": (
        "{name}{period}: {opening} h carried in + {bought} bought - {drawn} drawn - {lapsed} lapsed = {closing} h",
        "{name}{period} : {opening} h reçues + {bought} achetées - {drawn} utilisées - {lapsed} échues = {closing} h",
    ),
    "before-tax": ("before tax {amount}", "avant taxes {amount}"),
    "tax": (
        "{component} {percent}% of {base} ({code}) = {amount}",
        "{component} {percent} % de {base} ({code}) = {amount}",
    ),
    "tax-elsewhere": ("tax: QuickBooks computes it", "taxes : QuickBooks les calcule"),
    "total": ("total {amount}", "total {amount}"),
    "exchange": (
        "exchange rate {rate} of its date, kept for good",
        "taux de change de {rate} à sa date, conservé pour de bon",
    ),
    "fee": ("{kind} {name}, {period}: {amount}", "{kind} {name}, {period} : {amount}"),
    "fee-due": ("{kind} {name}, due {day}: {amount}", "{kind} {name}, dû le {day} : {amount}"),
    "fee-period-due": (
        "{kind} {name}, {period}, due {day}: {amount}",
        "{kind} {name}, {period}, dû le {day} : {amount}",
    ),
    "arithmetic": ("{quantity} {unit} × {rate} {sign} {amount}", "{quantity} {unit} × {rate} {sign} {amount}"),
    "seconds": ("({seconds} s)", "({seconds} s)"),
    "a-day": ("of {hours} h", "de {hours} h"),
    "rounded": (
        "Rounded once, half away from zero, from {exact}.",
        "Arrondi une fois, au plus près, de {exact}.",
    ),
    "hours-rounded": (
        "Its hours are rounded to two decimals before the price.",
        "Ses heures sont arrondies à deux décimales avant le prix.",
    ),
    "entries-rounded": (
        "The sum of its entries, each rounded to the cent.",
        "La somme de ses entrées, chacune arrondie au cent.",
    ),
    "entries-hours-rounded": (
        "The sum of its entries, the hours of each rounded to two decimals before the price.",
        "La somme de ses entrées, les heures de chacune arrondies à deux décimales avant le prix.",
    ),
    "shared": (
        "Its entries share the amount by their time, the odd cents by largest remainder.",
        "Ses entrées se partagent le montant selon leur temps, les cents restants au plus fort reste.",
    ),
    # Codes of the reports.
    "state.approved": ("approved", "approuvé"),
    "state.drafted": ("drafted", "brouillon"),
    "state.withdrawn": ("withdrawn", "retiré"),
    "state.waiting": ("waiting", "en attente"),
    "state.blocked": ("blocked", "bloqué"),
    "state.not-billable": ("not-billable", "non facturable"),
    "effect.invoiced": ("invoiced", "facturé"),
    "effect.covered": ("covered", "couvert"),
    "effect.written-down": ("written-down", "radié"),
    "kind.invoice": ("invoice", "facture"),
    "kind.credit-memo": ("credit-memo", "note de crédit"),
    "kind.settlement": ("settlement", "règlement interne"),
    "kind.expense": ("expense", "dépense"),
    "kind.product": ("product", "produit"),
    "sign-off.approved": ("approved", "donnée"),
    "sign-off.refused": ("refused", "refusée"),
    "unit.hour": ("hour", "h"),
    "unit.day": ("day", "jour(s)"),
    "unit.each": ("each", "unité(s)"),
    "decides.client": ("client", "client"),
    "decides.service": ("service", "service"),
    "decides.person": ("person", "personne"),
    "decides.rate": ("rate", "taux"),
    "decides.retainer": ("retainer", "forfait"),
    "decides.fixed-fee": ("fixed fee", "prix fixe"),
    "decides.intercompany": ("lent work", "travail prêté"),
    "decides.discount": ("discount", "remise"),
    "field.worked_on": ("day", "jour"),
    "field.seconds": ("time", "temps"),
    "field.person": ("person", "personne"),
    "field.client": ("client", "client"),
    "field.project": ("project", "projet"),
    "field.task": ("task", "tâche"),
    "field.service": ("service", "service"),
    "field.started_at": ("start", "début"),
    "field.ended_at": ("end", "fin"),
    "field.billable": ("billable", "facturable"),
    "field.sign_off": ("sign-off", "approbation"),
    "field.signed_off_on": ("day of the sign-off", "date d'approbation"),
    "field.purchase_order": ("purchase order", "bon de commande"),
    "field.source_rate": ("rate", "taux"),
    "field.source_currency": ("currency", "devise"),
    "field.notes": ("notes", "notes"),
    "field.kind": ("kind", "genre"),
    "field.quantity": ("quantity", "quantité"),
    "field.amount": ("amount", "montant"),
    "field.rebate_percent": ("rebate", "rabais"),
    "field.tax_code": ("tax code", "code de taxe"),
    "field.deleted": ("deleted", "suppression"),
    "once": ("its term", "toute sa durée"),
    "colon": (":", " :"),
    "deposit": ("deposit", "acompte"),
    "draw": ("drawn", "utilisation"),
}
"""key → (English, French)."""


class Words:
    """The words, numbers and amounts of one language; any other than French reads English."""

    def __init__(self, language: str) -> None:
        self.language = "fr" if is_french(language) else "en"
        self.french = self.language == "fr"

    def __call__(self, key: str, **values: object) -> str:
        """One entry of WORDS, filled."""
        english, french = WORDS[key]
        return (unbroken(french) if self.french else english).format(**values)

    def number(self, number: Decimal | str | int) -> str:
        """A number as it is written: 1,234.5 and 1 234,5."""
        said = f"{number:,}" if isinstance(number, int) else str(number) if isinstance(number, str) else f"{number:f}"
        return self._marks(said)

    def amount(self, money: Money) -> str:
        """ "1,234.50 CAD", "1 234,50 CAD"."""
        return f"{self.plain_amount(money)} {money.currency}"

    def plain_amount(self, money: Money) -> str:
        """An amount without its currency."""
        return self._marks(amount_text(money))

    def hours(self, seconds: int) -> str:
        """Decimal hours, exact to a hundredth, else with four digits."""
        return self.number(f"{Decimal(seconds) / 3600:.{2 if seconds % 36 == 0 else 4}f}")

    def size(self, seconds: int, quantity: str) -> str:
        """How much work is: "3 h 20 min", "2.5 items", or both."""
        count = Decimal(quantity)
        if not count:
            return duration_text(seconds)
        items = self("one-item" if abs(count) == 1 else "items", count=self.number(quantity))
        return self("and", left=duration_text(seconds), right=items) if seconds else items

    def _marks(self, number: str) -> str:
        return number.replace(",", "\u00a0").replace(".", ",") if self.french else number
