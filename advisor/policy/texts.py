"""The rules that the policy itself makes: about suppressions, and about declared grants. They check no property by
itself.
"""

from __future__ import annotations

from typing import Final

from advisor.policy.intent import INTENT
from advisor.policy.suppression_rules import CONFIGURATION_RULES

#: All of them, for lists of rules and for what a configuration may name.
POLICY_TEXTS: Final = (*INTENT, *CONFIGURATION_RULES)
