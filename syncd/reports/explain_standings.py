"""Why time stands on no document, in French: the sentences that drafting keeps, each with what it is in French."""

from __future__ import annotations

import re

from mappings.steps import unbroken
from syncd.reports.explain_words import Words

STANDINGS = (
    ("pulled", "Pulled, and not drafted yet.", "Reçue, pas encore au brouillon."),
    ("drafted", "On the draft of {period}, until it is approved.", "Au brouillon de {period}, jusqu'à l'approbation."),
    (
        "document-blocked",
        "The document of {period} is blocked by something else on it.",
        "Le document de {period} est bloqué par autre chose.",
    ),
    (
        "released",
        "Released from {document}: the next draft bills it.",
        "Libérée de {document} : le prochain brouillon la facture.",
    ),
    ("running-period", "Its period is not over.", "Sa période n'est pas terminée."),
    (
        "manual-period",
        "Its client is billed by hand: `--period` names the days to bill.",
        "Son client est facturé à la main : `--period` nomme les jours à facturer.",
    ),
    ("task-not-done", "It is billed when its task is done.", "Elle est facturée quand sa tâche est terminée."),
    (
        "retainer-period-running",
        "Its retainer's period is not over.",
        "La période de son forfait n'est pas terminée.",
    ),
    (
        "late-work",
        "It came after its period was billed; it goes on the next document.",
        "Reçue après la facturation de sa période; elle va sur le prochain document.",
    ),
    (
        "late-work-ask",
        "It came after its period was billed; `syncd release` bills it, `syncd write-off` does not.",
        "Reçue après la facturation de sa période; `syncd release` la facture, `syncd write-off` la radie.",
    ),
    (
        "changed-after-posting",
        "It changed after it was billed; the difference goes on the next document.",
        "Modifiée après la facturation; la différence va sur le prochain document.",
    ),
    (
        "changed-after-posting-ask",
        "It changed after it was billed; `syncd release` bills the difference, `syncd write-off` does not.",
        "Modifiée après la facturation; `syncd release` facture la différence, `syncd write-off` la radie.",
    ),
    (
        "reported-only",
        'It changed after it was billed, which changed_after_posting = "report" never bills.',
        'Modifiée après la facturation, ce que changed_after_posting = "report" ne facture jamais.',
    ),
    ("not-in-this-run", "It is on no document of this run.", "Elle n'est sur aucun document de ce passage."),
    (
        "held-for-decision",
        "Its document was voided or deleted in QuickBooks; `syncd release` or `syncd write-off` decides.",
        "Son document a été annulé ou supprimé dans QuickBooks; `syncd release` ou `syncd write-off` tranche.",
    ),
    ("refused", "The client refused it in the source.", "Le client l'a refusée à la source."),
    (
        "not-signed-off",
        "The client has not yet approved it in the source.",
        "Le client ne l'a pas encore approuvée à la source.",
    ),
    (
        "over-cap",
        "Beyond the cap {cap}: raise it, or decide with `syncd release` or `syncd write-off`.",
        "Au-delà du plafond {cap} : relevez-le, ou tranchez avec `syncd release` ou `syncd write-off`.",
    ),
    (
        "not-billable",
        "The source says that it is not billed.",
        "La source dit qu'elle n'est pas facturée.",
    ),
    (
        "service-not-billable",
        "The service {service} is not billed ({row}).",
        "Le service {service} n'est pas facturé ({row}).",
    ),
    (
        "category-not-billable",
        "The category {category} is not billed ({row}).",
        "La catégorie {category} n'est pas facturée ({row}).",
    ),
    (
        "before-go-live",
        "Worked on {day}, before the go-live on {first}.",
        "Travaillée le {day}, avant la mise en service du {first}.",
    ),
    (
        "before-go-live",
        "{client} is billed since {first} ({row}); this was worked on {day}.",
        "{client} est facturé depuis le {first} ({row}); ceci a été travaillé le {day}.",
    ),
)
"""code, the sentence that is kept with what stands on no document, the same in French. Problems stay English."""


def standing_said(code: str, what: str, words: Words) -> str:
    """Why seconds stand where they do: the sentence that was kept, or what it is in French."""
    if words.french:
        for known, english, french in STANDINGS:
            found = re.fullmatch(_pattern(english), what) if known == code else None
            if found is not None:
                return unbroken(french).format(**found.groupdict())
    return what


def _pattern(english: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(english))
