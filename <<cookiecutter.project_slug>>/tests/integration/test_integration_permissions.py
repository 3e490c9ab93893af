"""Least privilege: a function may do what it is for, and nothing to what belongs to a neighbour."""

import json
from typing import Any

import pytest
from stage import SERVICE, Stage

of_each_role = pytest.mark.parametrize("role", SERVICE["roles"], ids=lambda role: role["function"])


def decisions(stage: Stage, role: dict[str, Any], which: str) -> dict[str, str]:
    """What IAM decides of calls that the function would make with its role: policies and permissions boundary."""
    configuration = stage.aws("lambda").get_function_configuration(FunctionName=stage.function(role["function"]))
    found = {}
    for call in role[which]:
        resource = stage.name(call["resource"])
        answer = stage.aws("iam").simulate_principal_policy(
            PolicySourceArn=configuration["Role"], ActionNames=[call["action"]], ResourceArns=[resource]
        )
        found[f"{call['action']} {resource}"] = answer["EvaluationResults"][0]["EvalDecision"]
    return found


@of_each_role
def test_a_function_may_do_what_it_is_for(stage: Stage, role: dict[str, Any]) -> None:
    refused = {call for call, decision in decisions(stage, role, "allowed").items() if decision != "allowed"}
    assert refused == set()


@of_each_role
def test_a_function_may_not_touch_a_neighbours(stage: Stage, role: dict[str, Any]) -> None:
    found = decisions(stage, role, "denied")
    assert found
    assert {call for call, decision in found.items() if decision == "allowed"} == set()


@pytest.mark.parametrize("grant", SERVICE["grants"], ids=lambda g: f"{g['function']} {g['source']}")
def test_what_invokes_a_function_is_allowed_to(stage: Stage, grant: dict[str, str]) -> None:
    client = stage.aws("lambda")
    try:
        answer = client.get_policy(FunctionName=stage.function(grant["function"]), Qualifier="live")
    except client.exceptions.ResourceNotFoundException:
        pytest.fail("nobody is allowed to invoke it")
    source = stage.name(grant["source"])
    granted = [
        statement
        for statement in json.loads(answer["Policy"])["Statement"]
        if statement["Principal"] == {"Service": grant["principal"]} and source in json.dumps(statement["Condition"])
    ]
    assert granted, f"{grant['principal']} may not invoke it for {source}"
