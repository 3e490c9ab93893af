"""What a function may use, taken away."""

from __future__ import annotations

from mutation import Mutation

FUNCTIONS = "stacks/functions/template.yaml"
DATA = "stacks/data/template.yaml"
MEMORY = "      MemorySize: 256\n"

MUTATIONS = [
    Mutation("SG501", "the first function loses its memory", FUNCTIONS, MEMORY, "", "  PlaceOrderFunction:"),
    Mutation(
        "SG501",
        "the hook before traffic loses its memory",
        FUNCTIONS,
        "      MemorySize: 128\n",
        "",
        "  PreTrafficFunction:",
        example="minimal",
    ),
    Mutation(
        "SG502",
        "the first function loses its timeout",
        FUNCTIONS,
        "      Timeout: 10\n",
        "",
        "  PlaceOrderFunction:",
    ),
    Mutation(
        "SG502",
        "a queue waits too short a time",
        DATA,
        "VisibilityTimeout: 180",
        "VisibilityTimeout: 20",
        "VisibilityTimeout: 20",
    ),
]
