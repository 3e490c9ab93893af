"""Spares SAM's translator what it does again before each translation with the same outcome."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import Any


@lru_cache(maxsize=1)
def check_policy_templates_once() -> None:
    """Let SAM check its own policy templates against their schema once a process, not before each translation.

    That check takes longer than the translation of a small template. Templates of somebody else, or a schema of
    theirs, are checked each time as before.
    """
    from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

    check = getattr(PolicyTemplatesProcessor, "_is_valid_templates_dict", None)
    if check is None:
        return
    sound: list[Any] = []

    @wraps(check)
    def remembered(policy_templates_dict: Any, schema: Any = None) -> Any:
        if schema is None and policy_templates_dict in sound:
            return True
        answer = check(policy_templates_dict, schema)
        if schema is None and not sound:
            sound.append(policy_templates_dict)
        return answer

    PolicyTemplatesProcessor._is_valid_templates_dict = staticmethod(remembered)


@lru_cache(maxsize=1)
def make_sessions_once(module: Any) -> None:
    """Let SAM's validator, a module, share a session of boto3 among templates of one region.

    It only asks the session for its region and partition; to make one takes longer than to translate a small template.
    """
    if getattr(module, "Session", None) is not None:
        module.Session = lru_cache(maxsize=8)(module.Session)
