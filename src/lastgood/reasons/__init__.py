"""Why pods and their makers fail: the table, hopeless or transient, with its grace. Pure."""

from lastgood.reasons.crashes import Ends, crashes_since, ends_of, is_disrupted, ready_since
from lastgood.reasons.events import newest
from lastgood.reasons.graces import GRACE, clock_of, grace_problem, graces, graces_of, with_grace
from lastgood.reasons.makers import maker_causes
from lastgood.reasons.pods import (
    HASH_LABEL,
    causes_of,
    is_ready,
    is_terminating,
    kept_template,
    plain_template,
    pod_causes,
    same_template,
    young_pods,
)
from lastgood.reasons.table import RULES, Rule, cause, rule_of, short, weight, worst_first

__all__ = [
    "GRACE",
    "HASH_LABEL",
    "RULES",
    "Ends",
    "Rule",
    "cause",
    "causes_of",
    "clock_of",
    "crashes_since",
    "ends_of",
    "grace_problem",
    "graces",
    "graces_of",
    "is_disrupted",
    "is_ready",
    "is_terminating",
    "kept_template",
    "maker_causes",
    "newest",
    "plain_template",
    "pod_causes",
    "ready_since",
    "rule_of",
    "same_template",
    "short",
    "weight",
    "with_grace",
    "worst_first",
    "young_pods",
]
