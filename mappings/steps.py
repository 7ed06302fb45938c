"""The steps by which work became cents, as values: what happened, said in English or French when it is explained.

A step is kept with the ledger row that it explains. What is kept is its code and values, never a sentence, so that it
can be told in the reader's language for as long as the books are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

StepValue = str | int

_SENTENCES = {
    "increments": (
        "Increments: {worked_seconds} h worked are billed as {billed_seconds} h.",
        "Paliers : {worked_seconds} h travaillées sont facturées {billed_seconds} h.",
    ),
    "premium": (
        "Premium {name} ({when}, {row}): {piece_seconds} h at {rate} instead of {base}.",
        "Majoration {name} ({when}, {row}) : {piece_seconds} h à {rate} au lieu de {base}.",
    ),
    "premium-lost": (
        "The premium {name} ({when}, {row}) applied as well; its {rate} is not higher than that of {won}.",
        "La majoration {name} ({when}, {row}) s'appliquait aussi ; ses {rate} ne dépassent pas le taux de {won}.",
    ),
    "source-rate": (
        "The entry carries its own rate of {rate} {currency}.",
        "L'entrée porte son propre taux de {rate} {currency}.",
    ),
    "milestone": ("The task {task} was done on {day}.", "La tâche {task} a été achevée le {day}."),
    "share": (
        "{share} of {price} {currency}; {billed} {currency} of that price were billed before.",
        "{share} de {price} {currency} ; {billed} {currency} de ce prix ont déjà été facturés.",
    ),
    "share-so-far": (
        "{share} of {price} {currency} are complete, less {billed} {currency} of that price that were billed before.",
        "{share} de {price} {currency} sont achevés, moins {billed} {currency} de ce prix déjà facturés.",
    ),
    "silence-approves": (
        "No answer within {days} days after {end}: treated as approved.",
        "Aucune réponse dans les {days} jours suivant le {end} : réputé approuvé.",
    ),
    "changed": (
        "Changed after it was billed: {before_seconds} h were billed, {after_seconds} h are owed.",
        "Modifié après facturation : {before_seconds} h ont été facturées, {after_seconds} h sont dues.",
    ),
    "item": ("{quantity} at {amount} {currency}.", "{quantity} à {amount} {currency}."),
    "item-rebate": ("Less a rebate of {percent} %.", "Moins une remise de {percent} %."),
    "item-markup": ("Plus its category's markup of {percent} %.", "Plus la majoration de sa catégorie, {percent} %."),
    "item-changed": (
        "Changed after it was billed: {before} were billed, {after} are owed.",
        "Modifié après facturation : {before} ont été facturés, {after} sont dus.",
    ),
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
        "{seconds} h dépassent les heures de {period} : en supplément.",
    ),
    "extra-now-covered": (
        "Less work in {period}: {seconds} h of extra are now covered.",
        "Moins de travail en {period} : {seconds} h facturées en supplément sont maintenant couvertes.",
    ),
    "deleted": (
        "Deleted in the source: what was billed is taken back.",
        "Supprimé à la source : ce qui a été facturé est repris.",
    ),
    "not-billable-now": (
        "No longer billable in the source: what was billed is taken back.",
        "N'est plus facturable à la source : ce qui a été facturé est repris.",
    ),
    "moved": (
        "Its client, person, project, task, service or day changed in the source: what was billed is taken back.",
        "Client, personne, projet, tâche, service ou jour modifié à la source : ce qui a été facturé est repris.",
    ),
    "over-cap": (
        "Beyond the cap {cap}: {amount} {currency} are written down.",
        "Au-delà du plafond {cap} : {amount} {currency} sont radiés.",
    ),
    "discount": ("{percent} % of {base} comes off.", "Remise de {percent} % sur {base}."),
    "discount-amount": ("It comes off lines of {base}.", "Remise sur des lignes de {base}."),
    "deposit-drawn": (
        "{amount} of the deposit pay open invoices; {left} of it are left.",
        "{amount} de l'acompte règlent des factures ouvertes ; il en reste {left}.",
    ),
    "true-up": (
        "{used} were used of the minimum of {minimum} for {period}.",
        "{used} ont été utilisés sur le minimum de {minimum} pour {period}.",
    ),
    "written-off": ("Written off {note}", "Radié {note}"),
    "taken-back": ("Taken back {note}", "Repris {note}"),
    "adopted-by-lines": (
        "{number} was adopted from QuickBooks by its lines: which entries they meant is supposed.",
        "{number} a été repris de QuickBooks par ses lignes : les entrées visées sont présumées.",
    ),
}
"""code → (English, French). Values named …_seconds are told as hours with two decimals."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, by its code in this module and what belongs into its sentence."""

    code: str
    values: tuple[tuple[str, StepValue], ...] = ()


def step(code: str, **values: object) -> Step:
    """A step; integers stay numbers, everything else is kept as its text. An unknown code is a bug."""
    assert code in _SENTENCES, code
    kept = ((name, value if isinstance(value, int) else str(value)) for name, value in sorted(values.items()))
    return Step(code, tuple(kept))


def say(one: Step | str, language: str) -> str:
    """The sentence of a step in a language: "fr" and its kin read French, any other English.

    Rows that were written before steps had codes hold a sentence, which is told as it is.
    """
    if isinstance(one, str):
        return one
    french = is_french(language)
    told = {name: _told(name, value, french) for name, value in one.values}
    return _SENTENCES[one.code][french].format(**told)


def hours(seconds: int) -> str:
    """Hours with two decimals, half away from zero, for sentences: 4.00."""
    size = (abs(seconds) * 100 * 2 + 3600) // (2 * 3600)
    return f"{'-' if seconds < 0 and size else ''}{size // 100}.{size % 100:02}"


def is_french(language: str) -> bool:
    """Whether texts in a language are to be French: "fr", "fr-CA"."""
    return language.split("-")[0].lower() == "fr"


_NUMBERS = ("quantity", "amount", "percent", "before", "after", "rate", "base")
"""Values that are numbers as text: French writes them with a comma."""


def _told(name: str, value: StepValue, french: bool) -> str:
    if name.endswith("seconds") and isinstance(value, int):
        return hours(value).replace(".", ",") if french else hours(value)
    if french and name in _NUMBERS:
        return str(value).replace(".", ",")
    return str(value)
