"""Functions of every kind of trigger in a runtime: each kind alone, all of them on one, none, the authorizer."""

from __future__ import annotations

from typing import Any

from rendering import document

LONG = "p" * 120
KINDS: dict[str, list[dict[str, Any]]] = {
    "api": [
        {"type": "api", "method": "ANY", "path": "/{family}"},
        {"type": "api", "path": "/{family}/orders/{{orderId}}/{{class}}"},
        {"type": "api", "method": "POST", "path": "/{family}/a:b/c.d/{{id}}/{{path+}}"},
        {"type": "api", "path": "/{family}/echo/{{message}}"},
        {"type": "api", "path": f"/{{family}}/long/{{{{{LONG}}}}}"},
        {"type": "api", "path": f"/{{family}}/longer/{{{{{LONG}+}}}}"},
    ],
    "schedule": [{"type": "schedule", "expression": "rate(5 minutes)"}],
    "sqs": [{"type": "sqs", "queue": "{name}"}],
    "sns": [{"type": "sns", "topic": "news"}],
    "eventbridge": [
        {"type": "eventbridge", "bus": "shop", "pattern": {"source": ["shop"], "detail-type": [{"prefix": "Order"}]}}
    ],
    "s3": [{"type": "s3", "bucket": "files", "prefix": "in/", "suffix": ".pdf"}],
    "dynamodb": [{"type": "dynamodb", "table": "orders"}],
    "function": [{"type": "function", "function": "{family}-schedule"}],
}


def triggers(kind: str, family: str, name: str) -> list[dict[str, Any]]:
    """The triggers of a kind for a function; what their texts hold in braces is the family's or the function's own."""
    return [
        {key: v.format(family=family, name=name) if isinstance(v, str) else v for key, v in trigger.items()}
        for trigger in KINDS[kind]
    ]


def functions(family: str, runtime: str) -> list[dict[str, Any]]:
    """Every kind alone, all of them on one function, and none, in a runtime."""
    rows = {f"{family}-{kind}": triggers(kind, family, f"{family}-{kind}") for kind in KINDS}
    shared = [kind for kind in KINDS if kind not in {"api", "function"}]
    everything = [trigger for kind in shared for trigger in triggers(kind, family, f"{family}-all")]
    everything.append({"type": "api", "path": f"/{family}-all"})
    everything.append({"type": "function", "function": f"{family}-sns", "outcome": "failure"})
    members = [{"name": name, "runtime": runtime, "triggers": found} for name, found in rows.items()]
    members.append({"name": f"{family}-all", "runtime": runtime, "triggers": everything, "secrets": ["db"]})
    members.append({"name": f"{family}-none", "runtime": runtime, "triggers": []})
    return members


def project_document(runtimes: dict[str, str], authorizer: str) -> dict[str, Any]:
    """A service with all of these functions in each runtime, and an authorizer in one of them."""
    members = [function for family, runtime in runtimes.items() for function in functions(family, runtime)]
    members.append({"name": "authorizer", "runtime": runtimes[authorizer], "triggers": []})
    members.append({"name": "open", "runtime": runtimes[authorizer], "triggers": [GUARDED, ROOT_OF_ALL]})
    return document(
        functions=members,
        tables=[{"name": "orders", "partition_key": {"name": "id"}}],
        api={"cors_origins": ["https://app.example.com"]},
    )


GUARDED = {"type": "api", "path": "/guarded", "authorization": "lambda"}
ROOT_OF_ALL = {"type": "api", "method": "ANY", "path": "/"}
