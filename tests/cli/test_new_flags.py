"""`samgen new` with flags: what is made of them, and how wrong ones are refused."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from doors import Door, names

QUICK = ("--no-input", "--skip-validation", "--no-git")


def _spec(samgen: Door, name: str) -> Any:
    return yaml.safe_load((samgen.folder / name / "samgen.yaml").read_text(encoding="utf-8"))


def test_a_name_alone_takes_every_default(samgen: Door) -> None:
    run = samgen("new", "orders", "--skip-validation", "--no-git")
    assert run.code == 0, run.err
    assert run.out == ""
    spec = _spec(samgen, "orders")
    assert [e["name"] for e in spec["environments"]] == ["dev", "prod"]
    assert {e["region"] for e in spec["environments"]} == {"us-west-2"}
    assert {e["account"] for e in spec["environments"]} == {"123456789012"}
    assert spec["api"]["name"] == "MyAPI"
    assert [f["name"] for f in spec["functions"]] == ["hello"]
    assert samgen.listing() == ["orders"]


def test_every_flag_arrives_in_the_spec(samgen: Door) -> None:
    run = samgen(
        *("new", "orders", *QUICK, "--description", "Takes orders", "--owner", "shop"),
        *("-e", "test", "-e", "live:eu-west-1", "-e", "far:ap-south-1:111122223333"),
        *("--region", "eu-central-1", "--account", "444455556666"),
        *("-f", "create::POST /orders", "-f", "nightly:python3.13:cron(0 6 ? * MON-FRI *)", "-f", "idle::none"),
        *("--api-name", "Shop", "--authorization", "cognito"),
        *("--allow-cidr", "10.20.0.0/16", "--allow-cidr", "203.0.113.7"),
    )
    assert run.code == 0, run.err
    spec = _spec(samgen, "orders")
    assert (spec["service"]["description"], spec["service"]["owner"]) == ("Takes orders", "shop")
    assert [(e["name"], e["region"], e["account"]) for e in spec["environments"]] == [
        ("test", "eu-central-1", "444455556666"),
        ("live", "eu-west-1", "444455556666"),
        ("far", "ap-south-1", "111122223333"),
    ]
    assert spec["environments"][0]["allowed_cidrs"] == ["10.20.0.0/16", "203.0.113.7/32"]
    assert (spec["api"]["name"], spec["api"]["authorization"]) == ("Shop", "cognito")
    create, nightly, idle = spec["functions"]
    assert (create["triggers"][0]["method"], create["triggers"][0]["path"]) == ("POST", "/orders")
    assert (nightly["runtime"], nightly["triggers"][0]["type"]) == ("python3.13", "schedule")
    assert idle["triggers"] == []


def test_the_end_says_what_is_still_to_be_decided(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK)
    assert "the WAF of dev and prod blocks everyone until allowed_cidrs has a range" in run.err
    assert "Replace the placeholder account 123456789012 of dev and prod" in run.err
    assert "no browser on another origin" in run.err
    assert "NOT VALIDATED (--skip-validation): sam validate" in run.err
    assert f"cd {samgen.folder / 'orders'}" in run.err


def test_a_public_service_is_told_to_be_open(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK, "--public", "--account", "111122223333")
    assert "dev and prod is open to every address" in run.err
    assert "blocks everyone" not in run.err
    assert "placeholder" not in run.err


def test_phases_are_told_with_their_times(samgen: Door) -> None:
    run = samgen("new", "orders", *QUICK)
    phases = [line.split() for line in run.err.splitlines() if line.endswith(" s")]
    assert [name for name, *_ in phases] == ["render", "write"]
    assert all(float(seconds) >= 0 for _, seconds, _ in phases)


def test_the_project_stands_where_output_dir_says(samgen: Door) -> None:
    (samgen.folder / "deep").mkdir()
    assert samgen("new", "orders", *QUICK, "-o", "deep").code == 0
    assert samgen.listing() == ["deep"]
    assert names(samgen.folder / "deep") == ["orders"]


def test_an_output_dir_with_odd_characters_is_shown_escaped(samgen: Door) -> None:
    odd = samgen.folder / "a b\x1b[31m\u202ec"
    odd.mkdir()
    run = samgen("new", "orders", *QUICK, "-o", str(odd))
    assert run.code == 0
    assert "\x1b" not in run.err
    assert "\u202e" not in run.err
    assert (odd / "orders" / "template.yaml").is_file()


def test_an_output_dir_that_is_not_utf8_works(samgen: Door) -> None:
    odd = os.fsdecode(os.fsencode(samgen.folder) + b"/\xff")
    Path(odd).mkdir()
    run = samgen("new", "orders", *QUICK, "--json", "-o", odd)
    assert run.code == 0, run.err
    assert "\\udcff" in run.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--allow-cidr", "0.0.0.0/0"], "--allow-cidr: 0.0.0.0/0 is everyone: .* --public"),
        (["--allow-cidr", "::/0"], "--allow-cidr: ::/0 is everyone: .* --public"),
        (["--allow-cidr", "10.0.0.1/8"], "--allow-cidr: .* did you mean 10.0.0.0/8"),
        (["--allow-cidr", "fe80::1%eth0"], "--allow-cidr: .* is not an IPv4 or IPv6 range"),
        (["--public", "--allow-cidr", "10.0.0.0/8"], "--public and --allow-cidr exclude each other"),
        (["--region", "us-west-9"], "--region: 'us-west-9' is not a region; did you mean us-west-"),
        (["-e", "dev:us-west-9"], "--environment 'dev:us-west-9': 'us-west-9' is not a region"),
        (["--account", "12"], "--account: '12' is not an AWS account id"),
        (["-e", "dev::12"], "--environment 'dev::12': '12' is not an AWS account id"),
        (["-e", "Dev"], "--environment 'Dev': 'Dev' is not a name"),
        (["-e", "dev", "-e", "dev"], "--environment 'dev': 'dev' is there already"),
        (["-e", "default"], "--environment 'default': 'default' is what samconfig.toml calls"),
        (["-e", ":us-west-2"], "':us-west-2' names no environment"),
        (["-f", "Bad Name"], "--function 'Bad Name': 'Bad Name' is not a name"),
        (["-f", "a:python2.7"], "--function 'a:python2.7': Lambda deprecated the runtime python2.7 on"),
        (["-f", "a:cobol"], "--function 'a:cobol': 'cobol' is not a runtime"),
        (["-f", "a::GET orders"], "--function 'a::GET orders': 'GET orders' is not a trigger"),
        (["-f", "a::rate(1 minutes)"], "--function 'a::rate.*': .* say rate"),
        (["-f", "a::GET /x", "-f", "b::GET /x"], "--function 'b::GET /x': the route GET /x is there already"),
        (["--authorization", "none"], "--authorization: 'none' is not allowed; choose from 'iam', 'cognito'"),
        (["--api-name", "my api"], "--api-name: 'my api' is not an API name"),
        (["--owner", "me\nyou"], "--owner: the character U[+]000A is not allowed"),
        (["--owner", ""], "--owner: a value is missing"),
        (["-e", ""], "--environment: a value is missing"),
        (["-o", ""], "--output-dir: a value is missing"),
        (["-o", "missing"], "the folder .*missing does not exist"),
        (["--colour"], "No such option: --colour"),
        (["--region"], "requires an argument"),
        (["more"], "unexpected extra argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_flag_is_refused_in_the_words_it_was_typed_in(samgen: Door, flags: list[str], message: str) -> None:
    refusal = samgen.refuses("new", "orders", *QUICK, *flags)
    assert "\n" not in refusal
    assert re.search(message, refusal), refusal


def test_all_wrong_answers_are_named_at_once(samgen: Door) -> None:
    refusal = samgen.refuses("new", "Orders", *QUICK, "--region", "moon", "--owner", "a'b", "-f", "X")
    assert refusal.splitlines()[0] == "4 answers cannot be used:"
    assert [line.split(":")[0].strip() for line in refusal.splitlines()[1:]] == [
        "NAME",
        "--owner",
        "--region",
        "--function 'X'",
    ]


@pytest.mark.parametrize("flags", [[], ["--no-input"]])
def test_without_a_terminal_a_name_is_needed(samgen: Door, flags: list[str]) -> None:
    assert samgen.refuses("new", *flags).startswith("NAME is missing")


def test_an_empty_name_is_refused(samgen: Door) -> None:
    assert samgen.refuses("new", "", "--no-input").startswith("NAME: a value is missing")
