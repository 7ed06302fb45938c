from dataclasses import fields, replace

from mappings.documents import Reason
from mappings.rules.charges import with_step, with_steps
from mappings.steps import step


def test_a_reason_keeps_all_that_it_said() -> None:
    rows = {one.name: one.name for one in fields(Reason) if one.name != "steps"}
    before = Reason(**rows, steps=(step("deleted"),))
    after = with_steps(before, (step("moved"), step("not-billable-now")))
    assert after == replace(before, steps=(step("deleted"), step("moved"), step("not-billable-now")))
    assert with_step(before, step("moved"), "mappings/retainers.csv:7").retainer_row == "mappings/retainers.csv:7"
