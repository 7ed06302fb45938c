"""Grouping: which of a client's documents of one period a piece of work goes on (`one_invoice_per`).

Its group stands in its terms, so that what is billed keeps its document's group whatever the source or policy says
later.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings.rows import Tables
from mappings.rules.names import fold
from mappings.settings import Company
from mappings.work import Task, WorkItem
from mappings.world import Policy

Tasks = Mapping[tuple[str, str], Task]

DEPOSIT_GROUP, DRAW_GROUP = "deposit:", "deposit-used:"
"""How the groups of a deposit's invoice, and of what is drawn from it, begin; its name follows."""

OF_TASKS = ("task", "parent-task")
"""Values of `one_invoice_per` that gather work by tasks."""


def group_of(work: WorkItem, policy: Policy, person: str, tasks: Tasks) -> str:
    """The group of a piece of work of this person (our name); "" where it names none of what documents are made by."""
    per = policy.one_invoice_per
    if per == "project":
        return work.project
    if per == "person":
        return person
    if per == "purchase-order":
        return work.purchase_order or default_order(policy)
    if per in OF_TASKS and work.task:
        source, task = gathering_task((work.source, work.task), per, tasks)
        return f"{source}:{task}"
    assert per in ("client", *OF_TASKS), per
    return ""


def group_of_fee(project: str, task: tuple[str, str] | None, policy: Policy, tasks: Tasks) -> str:
    """The group of a fee: its project's or its task's; one that names none goes on a document of its own."""
    per = policy.one_invoice_per
    if per == "project":
        return project
    if per in OF_TASKS and task is not None:
        source, gathering = gathering_task(task, per, tasks)
        return f"{source}:{gathering}"
    return default_order(policy) if per == "purchase-order" else ""


def order_of(group: str, policy: Policy) -> str:
    """The purchase order that all work of a group is under; "" where groups are something else."""
    if group.startswith((DEPOSIT_GROUP, DRAW_GROUP)):
        return ""
    return group if policy.one_invoice_per == "purchase-order" else ""


def default_order(policy: Policy) -> str:
    """The purchase order of work that carries none; "" where it must carry one."""
    return "" if policy.purchase_order.casefold() == "required" else policy.purchase_order


def gathering_task(key: tuple[str, str], per: str, tasks: Tasks) -> tuple[str, str]:
    """The task that a task's work is gathered under: itself, or by `parent-task` the topmost of those above it."""
    if per != "parent-task":
        return key
    source, task = key
    seen = {task}
    while (known := tasks.get((source, task))) is not None and known.parent and known.parent not in seen:
        task = known.parent
        seen.add(task)
    # Tasks that are in one another belong together whichever of them one begins with.
    return (source, task) if known is None or not known.parent else (source, min(_circle(source, task, tasks)))


def _circle(source: str, task: str, tasks: Tasks) -> set[str]:
    found: set[str] = set()
    while task not in found:
        found.add(task)
        task = tasks[source, task].parent
    return found


def looks_above(company: Company, tables: Tables) -> bool:
    """Whether what stands above a task may decide on which document its work goes."""
    return "parent-task" in (company.billing.one_invoice_per, *(row.one_invoice_per for row in tables.clients))


def alike(group: str, known: Mapping[str, object]) -> str:
    """A group that a table names in the spelling that the work has."""
    folded = fold(group)
    return next((name for name in sorted(known) if fold(name) == folded), group)
