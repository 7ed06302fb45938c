"""The steps by which work became cents, as values: what happened, said in English or French when it is explained.

A step is kept with the ledger row that it explains. What is kept is its code and values, never a sentence, so that it
can be told in the reader's language for as long as the books are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

StepValue = str | int

_SENTENCES = {
    # Rates: why a row won over the next best.
    "weaker-blank": (
        "it won over {row} ({rate}), which names no {column}",
        "il l'emporte sur {row} ({rate}), qui laisse la colonne {column} vide",
    ),
    "weaker-pattern": (
        "it won over {row} ({rate}), which names the {column} by a pattern",
        "il l'emporte sur {row} ({rate}), qui ne donne la colonne {column} que par un motif",
    ),
    "other-currency": (
        "it won over {row} ({rate}), which is in {currency}",
        "il l'emporte sur {row} ({rate}), qui est en {currency}",
    ),
    "source-rate": (
        'The entry carries its own rate of {rate} {currency}, which counts by source_rates = "{policy}".',
        'L\'entrée porte son propre taux de {rate} {currency}, retenu par source_rates = "{policy}".',
    ),
    # Selection.
    "late": (
        "It came after its period was billed: it is on a later document.",
        "Reçue après la facturation de sa période : elle figure sur un document ultérieur.",
    ),
    "silence-approves": (
        "No answer within {days} days after {end}: treated as approved.",
        "Aucune réponse dans les {days} jours suivant le {end} : réputé approuvé.",
    ),
    "split-at-midnight": (
        "The entry runs over midnight: {part_seconds} h of its {whole_seconds} h are of {day}.",
        "L'entrée chevauche minuit : {part_seconds} h de ses {whole_seconds} h sont du {day}.",
    ),
    # Increments.
    "increments": (
        "Increments: {worked_seconds} h worked are billed as {billed_seconds} h.",
        "Arrondi du temps : {worked_seconds} h travaillées sont facturées {billed_seconds} h.",
    ),
    # Premiums.
    "premium": (
        "Premium {name} ({when}, {row}): {piece_seconds} h at {rate} instead of {base}.",
        "Majoration {name} ({when}, {row}) : {piece_seconds} h à {rate} au lieu de {base}.",
    ),
    "premium-lost": (
        "The premium {name} ({when}, {row}) applied as well; its {rate} is not higher than that of {won}.",
        "La majoration {name} ({when}, {row}) s'appliquait aussi; son taux de {rate} ne dépasse pas celui de {won}.",
    ),
    # Retainers.
    "covered": ("{seconds} h are covered in {period}.", "{seconds} h sont couvertes pour {period}."),
    "covered-at-premium": (
        "{seconds} h at a premium draw {drawn_seconds} h and are covered in {period}.",
        "{seconds} h majorées comptent pour {drawn_seconds} h et sont couvertes pour {period}.",
    ),
    "covered-now-extra": (
        "The retainer has ended short of hours: {seconds} h covered in {period} are now extra.",
        "Le forfait a pris fin à découvert : {seconds} h couvertes pour {period} sont maintenant en supplément.",
    ),
    "extra": (
        "{seconds} h are over the hours of {period}: extra.",
        "{seconds} h dépassent les heures prévues pour {period} : en supplément.",
    ),
    "extra-pro-rata": (
        "{seconds} h are this entry's part of what is over the hours of {period}: extra.",
        "{seconds} h sont la part de cette entrée dans le dépassement pour {period} : en supplément.",
    ),
    "extra-rate": (
        "Extra costs {rate} {currency} an hour ({row}), whatever the rates table says.",
        "Le supplément coûte {rate} {currency} l'heure ({row}), peu importe la table des taux.",
    ),
    "extra-now-covered": (
        "Less work in {period}: {seconds} h of extra are now covered.",
        "Moins de travail pour {period} : {seconds} h facturées en supplément sont maintenant couvertes.",
    ),
    # Expenses and products.
    "item": ("{quantity} at {amount} {currency}.", "{quantity} à {amount} {currency}."),
    "item-rebate": ("Less a rebate of {percent} %.", "Moins un rabais de {percent} %."),
    "item-markup": ("Plus its category's markup of {percent} %.", "Plus la marge de sa catégorie, {percent} %."),
    # Changes after posting.
    "changed": (
        "Changed after it was billed: {before_seconds} h were billed, {after_seconds} h are owed.",
        "Modifiée après la facturation : {before_seconds} h ont été facturées, {after_seconds} h sont dues.",
    ),
    "item-changed": (
        "Changed after it was billed: {before} were billed, {after} are owed.",
        "Modifiée après la facturation : {before} ont été facturés, {after} sont dus.",
    ),
    "item-repriced": (
        "Its price changed after it was billed: it is taken back at the old one and billed at the new one.",
        "Son prix a changé après la facturation : l'ancien est contrepassé, le nouveau est facturé.",
    ),
    "deleted": (
        "Deleted in the source: what was billed is taken back.",
        "Supprimée à la source : ce qui avait été facturé est contrepassé.",
    ),
    "not-billable-now": (
        "No longer billable in the source: what was billed is taken back.",
        "N'est plus facturable à la source : ce qui avait été facturé est contrepassé.",
    ),
    "moved": (
        "Its client, person, project, task, service or day changed in the source: what was billed is taken back.",
        "Client, personne, projet, tâche, service ou jour modifié à la source : la facturation est contrepassée.",
    ),
    "rerated": (
        "Rated anew by a person's decision: it was billed at {before} {currency}, and is charged at {after}.",
        "Nouveau taux, sur décision : facturée à {before} {currency}, elle l'est désormais à {after}.",
    ),
    # Caps.
    "within-cap": (
        "The cap {cap} ({row}) is reached by this entry: {amount} {currency} of it are billed.",
        "Le plafond {cap} ({row}) est atteint par cette entrée : {amount} {currency} en sont facturés.",
    ),
    "within-cap-hours": (
        "The cap {cap} ({row}) is reached by this entry: {seconds} h of it are billed.",
        "Le plafond {cap} ({row}) est atteint par cette entrée : {seconds} h en sont facturées.",
    ),
    "over-cap": (
        "Beyond the cap {cap} ({row}): {amount} {currency} are written down.",
        "Au-delà du plafond {cap} ({row}) : {amount} {currency} sont radiés.",
    ),
    "over-cap-hours": (
        "Beyond the cap {cap} ({row}): {seconds} h are written down.",
        "Au-delà du plafond {cap} ({row}) : {seconds} h sont radiées.",
    ),
    # Discounts.
    "discount": ("{percent} % of {base} comes off.", "Remise de {percent} % sur {base}."),
    "discount-amount": (
        "{amount} come off the document; the lines of this part of it sum to {base}.",
        "Remise de {amount} sur le document; les lignes de cette part totalisent {base}.",
    ),
    "discount-on-gross": (
        "It stands outside tax: tax is on the amounts before it.",
        "Elle est hors taxes : les taxes portent sur les montants avant remise.",
    ),
    # Intercompany.
    "lent-rate": (
        "Billed by {borrower}: lent at {rate} an hour ({row}).",
        "Facturée par {borrower} : prêtée à {rate} l'heure ({row}).",
    ),
    "lent-share": (
        "Billed by {borrower} at {bill}: {share} of that is {rate} ({row}).",
        "Facturée par {borrower} à {bill} : la part de {share} donne {rate} ({row}).",
    ),
    "lent-back": (
        "Taken back by {borrower}: of what was billed for it, {amount} {currency}.",
        "Contrepassée par {borrower} : {amount} {currency} de ce qui en avait été facturé.",
    ),
    # Fees.
    "milestone": ("The task {task} was done on {day}.", "La tâche {task} a été terminée le {day}."),
    "share": (
        "{share} of {price} {currency}; {billed} {currency} of that price were billed before.",
        "{share} de {price} {currency}; {billed} {currency} de ce prix ont déjà été facturés.",
    ),
    "share-so-far": (
        "{share} of {price} {currency} are complete, less {billed} {currency} of that price that were billed before.",
        "{share} de {price} {currency} sont achevés, moins {billed} {currency} de ce prix déjà facturés.",
    ),
    "prorated": (
        "{price} {currency} a period, in force from {first} to {last}: {served} of {whole} days.",
        "{price} {currency} par période, en vigueur du {first} au {last} : {served} jours sur {whole}.",
    ),
    "prorated-30": (
        "{price} {currency} a period, in force from {first} to {last}: {served} of {whole} days, each month having 30.",
        "{price} {currency} par période, en vigueur du {first} au {last} : {served} jours sur {whole} (mois de 30).",
    ),
    "days-not-served": (
        "The row ends earlier now: the days from {first} to {last} were billed and are credited.",
        "La ligne prend fin plus tôt : les jours du {first} au {last} avaient été facturés et sont crédités.",
    ),
    "days-added": (
        "The row ends later now: the days from {first} to {last} are owed as well.",
        "La ligne prend fin plus tard : les jours du {first} au {last} sont dus aussi.",
    ),
    "deposit": (
        "A deposit, outside tax: a liability until it is drawn, never income.",
        "Un acompte, hors taxes : un passif tant qu'il n'est pas utilisé, jamais un produit.",
    ),
    "deposit-drawn": (
        "{amount} of the deposit pay open invoices; {left} of it are left.",
        "{amount} de l'acompte règlent des factures impayées; il en reste {left}.",
    ),
    "true-up": (
        "{used} were used of the minimum of {minimum} for {period}.",
        "{used} ont été utilisés sur le minimum de {minimum} pour {period}.",
    ),
    "true-up-changed": (
        "{used} are used by now of the minimum of {minimum} for {period}; {billed} of it were billed.",
        "{used} sont maintenant utilisés sur le minimum de {minimum} pour {period}; {billed} en avaient été facturés.",
    ),
    # Decisions of a person.
    "written-off": ("Written off {note}", "Radié {note}"),
    "taken-back": ("Taken back {note}", "Contrepassé {note}"),
    "adopted-by-lines": (
        "{number} was adopted from QuickBooks by its lines: which entries they meant is supposed.",
        "{number} a été repris de QuickBooks par ses lignes : les entrées visées sont présumées.",
    ),
}
"""code → (English, French). Values named …seconds are told as hours with two decimals.

A code is kept with the ledger for good: its placeholders never change. What says more is a code of its own.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, by its code in this module and what belongs into its sentence."""

    code: str
    values: tuple[tuple[str, StepValue], ...] = ()


def step(code: str, **values: object) -> Step:
    """A step; integers stay numbers, everything else is kept as its text. An unknown code is a bug."""
    assert code in _SENTENCES, code
    kept = [(name, value if isinstance(value, int) else str(value)) for name, value in values.items()]
    kept.sort()
    return Step(code, tuple(kept))


def say(one: Step | str, language: str) -> str:
    """The sentence of a step in a language: "fr" and its kin read French, any other English.

    Rows that were written before steps had codes hold a sentence, which is told as it is.
    """
    if isinstance(one, str):
        return one
    french = is_french(language)
    told = {name: _told(name, value, french) for name, value in one.values}
    sentence = _SENTENCES[one.code][french]
    return (unbroken(sentence) if french else sentence).format(**told)


def unbroken(french: str) -> str:
    """A French text with the spaces that no line may break at: before a colon, a percent sign, a unit."""
    return _NO_BREAK.sub("\u00a0", french)


def hours(seconds: int) -> str:
    """Hours with two decimals, half away from zero, for sentences: 4.00."""
    size = (abs(seconds) * 100 * 2 + 3600) // (2 * 3600)
    return f"{'-' if seconds < 0 and size else ''}{size // 100}.{size % 100:02}"


def is_french(language: str) -> bool:
    """Whether texts in a language are to be French: "fr", "fr-CA"."""
    return language.split("-")[0].lower() == "fr"


_NO_BREAK = re.compile(r" (?=[:%»])|(?<=«) |(?<=[}\d]) (?=(?:h|min|s)\b)")
_NUMBERS = {"quantity", "amount", "percent", "before", "after", "rate", "base", "price", "share", "billed", "used"}
_NUMBERS |= {"minimum", "left", "bill"}
"""Values that are numbers as text: French writes them with a comma."""


def _told(name: str, value: StepValue, french: bool) -> str:
    if name.endswith("seconds") and isinstance(value, int):
        return hours(value).replace(".", ",") if french else hours(value)
    if name == "when" and value == "-":
        return "toujours" if french else "always"
    if name == "period" and value == "once":
        return "toute sa durée" if french else "its term"
    if french and name in _NUMBERS:
        return str(value).replace(".", ",").replace("%", "\u00a0%")
    if french and name == "note":
        # A note is "by WHO: REASON"; both are a person's own words.
        return str(value).replace("by ", "par ", 1).replace(": ", "\u00a0: ", 1)
    return str(value)
