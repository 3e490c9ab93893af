#!/usr/bin/env python3
"""Compares what samconfig.toml gives each environment and region; needs no AWS account.

    python scripts/environments.py

Parameters and tags that one sets and another does not are how environments drift apart. Exit code 1 where
there are any. Values may differ; where they do, they are shown.
"""

from _aws import Target, all_targets, run, shown, stop


def pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """`Name=value` texts as a mapping."""
    return {name: value.strip('"') for name, _, value in (text.partition("=") for text in texts)}


def missing(kind: str, given: dict[str, dict[str, str]]) -> list[str]:
    """A line for each name that is set in some places only."""
    names = dict.fromkeys(name for values in given.values() for name in values)
    lines = []
    for name in names:
        if without := [place for place, values in given.items() if name not in values]:
            there = [place for place, values in given.items() if name in values]
            lines.append(shown(f"{kind} {name} is set in {', '.join(there)}, and not in {', '.join(without)}"))
    return lines


def table(given: dict[str, dict[str, str]]) -> list[str]:
    """A line for each parameter whose value is not the same everywhere."""
    lines = []
    for name in dict.fromkeys(name for values in given.values() for name in values):
        values = {place: found[name] for place, found in given.items() if name in found}
        if len(set(values.values())) > 1:
            lines.append(
                shown(f"{name}: " + ", ".join(f"{place}={value or '(empty)'}" for place, value in values.items()))
            )
    return lines


def main() -> int:
    """Compare all of them."""
    found: list[Target] = all_targets()
    if not found:
        stop("samconfig.toml has no environment.")
    parameters = {target.name: pairs(target.parameters) for target in found}
    tags = {target.name: pairs(target.tags) for target in found}
    lines = missing("Parameter", parameters) + missing("Tag", tags)
    print("\n".join(table(parameters) or ["The same values everywhere."]))
    print("\n".join(lines) or f"{len(found)} tables set the same parameters and tags.")
    return 1 if lines else 0


if __name__ == "__main__":
    run(main)
