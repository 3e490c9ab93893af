"""What each choice of the API adds to the stacks, read by resource type, and what it leaves out."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from api_documents import (
    ANSWER,
    CERTIFICATE,
    ENDPOINTS,
    MODELS,
    ORDER,
    ORIGINS,
    POOL,
    api_document,
    body_of,
    render_api,
    sound_api,
)
from deployment import Deployment, deploy, overrides

from generator.checks import load_rules
from generator.checks.review import Reviewer
from generator.checks.run import read_case, run_rules
from generator.checks.select import Selection
from generator.errors import InputError
from generator.render import render_project
from generator.spec.load import spec_from
from generator.validate import Validator

OPTIONAL = [
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::BasePathMapping",
]
ALIAS = "arn:aws:lambda:us-west-2:123456789012:function:dev-orders-{}:live"


def deployed(folder: Path, environment: str = "dev", **choices: Any) -> Deployment:
    return deploy(render_api(api_document(**choices), folder), environment)


def operations(body: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation but the preflights."""
    return {(p, m): o for p, item in body["paths"].items() for m, o in item.items() if m != "options"}


def requirement(deployment: Deployment, path: str = "/orders/{id}") -> Any:
    return body_of(deployment)["paths"][path]["get"]["security"]


MATRIX = list(
    itertools.product(
        ["iam", "cognito", "given", "lambda"], [False, True], ["regional", "domain", "private"], [False, True]
    )
)


@pytest.mark.parametrize(
    ("who", "api_key", "endpoint", "full"), [case for n, case in enumerate(MATRIX) if n % 5 in {0, 2}]
)
def test_nothing_is_found_and_each_resource_is_there_for_a_reason(
    who: str, api_key: bool, endpoint: str, full: bool, tmp_path: Path
) -> None:
    data = api_document(
        "cognito" if who == "given" else who,
        domain=endpoint == "domain",
        models=full,
        user_pool="given" if who == "given" else "created",
        api_key=api_key,
        endpoint="private" if endpoint == "private" else "regional",
        cors_origins=ORIGINS if full else [],
    )
    project = sound_api(data, tmp_path)
    for environment in ("dev", "prod"):
        deployment = deploy(project, environment)
        has_domain = endpoint == "domain" and environment == "dev"
        counts = [1 if who == "cognito" else 0] * 2 + [int(api_key)] * 3 + [int(has_domain)] * 2
        assert [len(deployment.of_type(kind)) for kind in OPTIONAL] == counts
        assert len(deployment.of_type("AWS::WAFv2::WebACLAssociation")) == 1
        assert len(deployment.of_type("AWS::ApiGateway::Stage")) == 1
        functions = {f["FunctionName"] for f in deployment.of_type("AWS::Lambda::Function").values()}
        assert (f"{environment}-orders-authorizer" in functions) is (who == "lambda")
        scheme = {"given": "cognito"}.get(who, who)
        assert requirement(deployment) == [{scheme: [], **({"api_key": []} if api_key else {})}]


def test_a_created_pool_is_the_authorizers(tmp_path: Path) -> None:
    deployment = deployed(tmp_path, authorization="cognito")
    scheme = body_of(deployment)["components"]["securitySchemes"]["cognito"]
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "cognito_user_pools",
        "providerARNs": ["<UserPool.Arn>"],
    }
    assert "UserPoolId" in deployment.stacks["template.yaml"].outputs


def test_a_given_pool_comes_from_samconfig(tmp_path: Path) -> None:
    project = render_api(api_document("cognito", user_pool="given"), tmp_path)
    deployment = deploy(project)
    assert overrides(project, "dev")["UserPoolArn"] == POOL
    scheme = body_of(deployment)["components"]["securitySchemes"]["cognito"]
    assert scheme["x-amazon-apigateway-authorizer"]["providerARNs"] == [POOL]
    assert "UserPoolId" not in deployment.stacks["template.yaml"].outputs
    assert "cognito-idp" not in "".join(p.read_text("utf-8") for p in project.glob("stacks/*/template.yaml")).replace(
        'AllowedPattern: "arn:.+:cognito-idp:.+"', ""
    )


def test_the_authorizer_function_is_called_by_its_alias_for_this_apis_authorizers_alone(tmp_path: Path) -> None:
    deployment = deployed(tmp_path, authorization="lambda")
    scheme = body_of(deployment)["components"]["securitySchemes"]["lambda"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    authorizer = scheme["x-amazon-apigateway-authorizer"]
    assert authorizer["type"] == "token"
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    assert authorizer["authorizerResultTtlInSeconds"] == 300
    assert ALIAS.format("authorizer") + "/invocations" in authorizer["authorizerUri"]
    expression = re.compile(authorizer["identityValidationExpression"])
    assert expression.match("Bearer abc.DEF-123_~+/==")
    for bad in ("", "Bearer", "Bearer ", "Basic abc", "bearer abc", "Bearer a b", "Bearer a\n"):
        assert not re.fullmatch(expression, bad), bad
    (permission,) = (p for p in deployment.of_type("AWS::Lambda::Permission").values() if "authorizers" in str(p))
    assert permission["FunctionName"] == ALIAS.format("authorizer")
    assert permission["SourceArn"] == "arn:aws:execute-api:us-west-2:123456789012:<Api>/authorizers/*"
    assert permission["Principal"] == "apigateway.amazonaws.com"


def test_a_declared_authorizer_is_taken_and_no_other_generated(tmp_path: Path) -> None:
    routes = [{"type": "api", "path": "/a", "authorization": "lambda"}]
    functions = [{"name": "orders", "triggers": routes}, {"name": "door", "triggers": [], "memory_size": 512}]
    deployment = deployed(tmp_path, authorizer="door", functions=functions)
    made = {f["FunctionName"]: f["MemorySize"] for f in deployment.of_type("AWS::Lambda::Function").values()}
    assert (made["dev-orders-orders"], made["dev-orders-door"]) == (256, 512)
    assert "dev-orders-authorizer" not in made
    assert set(body_of(deployment)["components"]["securitySchemes"]) == {"iam", "lambda"}  # /health has the API's own


def test_the_generated_authorizer_has_a_secret_and_no_trigger() -> None:
    spec = spec_from(api_document("lambda"), "the document")
    (function,) = (f for f in spec.functions if f.name == "authorizer")
    assert (function.triggers, function.secrets) == ([], ["api-token"])
    assert spec_from(spec.model_dump(mode="json", exclude_none=True), "again") == spec
    assert [f.name for f in spec_from(api_document(), "the document").functions] == ["orders"]


def test_an_api_key_counts_beside_the_authorization_and_never_instead(tmp_path: Path) -> None:
    plan = {"rate_limit": 3, "burst_limit": 4, "daily_quota": 5}
    deployment = deployed(tmp_path, api_key=True, usage_plan=plan, cors_origins=ORIGINS)
    body = body_of(deployment)
    for (path, _), operation in operations(body).items():
        wanted: list[Any] = [] if path == "/files/{path+}" else [{"iam": [], "api_key": []}]
        assert operation["security"] == wanted
    assert body["components"]["securitySchemes"]["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert body["x-amazon-apigateway-api-key-source"] == "HEADER"
    preflight = body["paths"]["/orders"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
    headers = preflight["responseParameters"]["method.response.header.Access-Control-Allow-Headers"]
    assert "X-Api-Key" in headers.strip("'").split(",")

    usage = deployment.one("AWS::ApiGateway::UsagePlan")
    assert usage["Throttle"] == {"RateLimit": 3, "BurstLimit": 4}
    assert usage["Quota"] == {"Limit": 5, "Period": "DAY"}
    assert usage["ApiStages"] == [{"ApiId": "<Api>", "Stage": "<ApiStage>"}]
    key = deployment.one("AWS::ApiGateway::ApiKey")
    assert key["Name"] == "dev-orders"
    assert "Value" not in key
    assert deployment.one("AWS::ApiGateway::UsagePlanKey") == {
        "KeyId": "<ApiKey>",
        "KeyType": "API_KEY",
        "UsagePlanId": "<UsagePlan>",
    }
    assert deployment.stacks["template.yaml"].outputs["ApiKeyId"] == "<ApiKey>"


def test_a_domain_is_the_only_way_in_where_there_is_one(tmp_path: Path) -> None:
    project = render_api(api_document(domain=True), tmp_path)
    dev, prod = deploy(project, "dev"), deploy(project, "prod")
    domain = dev.one("AWS::ApiGateway::DomainName")
    assert domain["DomainName"] == "api.example.com"
    assert domain["RegionalCertificateArn"] == CERTIFICATE
    assert domain["SecurityPolicy"] == "TLS_1_2"
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    mapping = dev.one("AWS::ApiGateway::BasePathMapping")
    assert mapping == {"DomainName": "<Domain>", "RestApiId": "<Api>", "Stage": "<ApiStage>"}
    outputs = dev.stacks["template.yaml"].outputs
    assert (outputs["ApiUrl"], outputs["DomainTarget"]) == (
        "https://api.example.com",
        "<Domain.RegionalDomainName>",
    )

    for deployment, closed in ((dev, True), (prod, False)):
        (server,) = body_of(deployment)["servers"]
        assert server["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": closed}
    outputs = prod.stacks["template.yaml"].outputs
    assert outputs["ApiUrl"] == "https://<Api>.execute-api.us-west-2.amazonaws.com/prod"
    assert outputs["DomainTarget"] == "none"
    assert overrides(project, "prod")["DomainName"] == overrides(project, "prod")["CertificateArn"] == ""


def test_a_further_region_has_no_domain(tmp_path: Path) -> None:
    data = api_document(domain=True)
    data["environments"][0]["further_regions"] = [{"name": "eu-west-1", "role": "active"}]
    project = sound_api(data, tmp_path)
    assert overrides(project, "dev")["DomainName"] == "api.example.com"
    further = overrides(project, "dev-eu-west-1")
    assert (further["DomainName"], further["CertificateArn"]) == ("", "")


def test_a_private_api_answers_through_its_endpoints_alone(tmp_path: Path) -> None:
    deployment = deployed(tmp_path, endpoint="private")
    api = deployment.one("AWS::ApiGateway::RestApi")
    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": ENDPOINTS}
    allow, deny = api["Body"]["x-amazon-apigateway-policy"]["Statement"]
    assert allow["Effect"] == "Allow"
    assert allow["Condition"] == {"StringEquals": {"aws:SourceVpce": ENDPOINTS}}
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"StringNotEquals": {"aws:SourceVpce": ENDPOINTS}}
    for statement in (allow, deny):
        assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", "execute-api:/*")


def test_a_regional_api_has_no_policy(tmp_path: Path) -> None:
    api = deployed(tmp_path).one("AWS::ApiGateway::RestApi")
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert "x-amazon-apigateway-policy" not in api["Body"]
    assert "servers" not in api["Body"]


def test_a_body_is_checked_against_its_model_and_parameters_always(tmp_path: Path) -> None:
    project = render_api(api_document(models=True), tmp_path)
    body = body_of(deploy(project))
    validators = body["x-amazon-apigateway-request-validators"]
    routes = {
        key: o for key, o in operations(body).items() if o["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    }
    assert len(routes) == 3
    for (path, _), operation in routes.items():
        validator = validators[operation["x-amazon-apigateway-request-validator"]]
        assert validator == {"validateRequestBody": path == "/orders", "validateRequestParameters": True}
        assert ("requestBody" in operation) is (path == "/orders")
    order = routes["/orders", "post"]
    assert order["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderLine"}}},
    }
    assert order["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Answer")
    schemas = body["components"]["schemas"]
    assert set(schemas) == {"Error", "Health", "OrderLine", "Answer"}
    assert schemas["OrderLine"] == {key: value for key, value in MODELS[ORDER].items() if key != "$schema"}
    assert schemas["Answer"] == MODELS[ANSWER]
    for file, schema in MODELS.items():
        assert json.loads((project / file).read_text("utf-8")) == schema


@pytest.mark.parametrize(("method", "checked"), [("POST", True), ("PUT", True), ("PATCH", True), ("DELETE", False)])
def test_a_body_without_a_model_of_its_own_is_at_least_an_object(method: str, checked: bool, tmp_path: Path) -> None:
    data = {
        **api_document(),
        "functions": [{"name": "a", "triggers": [{"type": "api", "path": "/a", "method": method}]}],
    }
    project = render_api(data, tmp_path)
    body = body_of(deploy(project))
    operation = body["paths"]["/a"][method.lower()]
    validator = body["x-amazon-apigateway-request-validators"][operation["x-amazon-apigateway-request-validator"]]
    assert validator == {"validateRequestBody": checked, "validateRequestParameters": True}
    assert ("requestBody" in operation) is checked
    assert body["components"]["schemas"].get("AnyObject") == ({"type": "object"} if checked else None)
    assert [f.as_text() for f in run_rules(read_case(project, ()), {"SG603": load_rules()["SG603"]})] == []


def test_a_route_that_the_spec_opens_is_accepted_by_name_and_no_other(tmp_path: Path) -> None:
    triggers = [
        {"type": "api", "path": "/open", "authorization": "none"},
        {"type": "api", "path": "/open-not"},
        {"type": "api", "path": "/rest/{all+}", "method": "ANY", "authorization": "none"},
    ]
    project = render_api({**api_document(), "functions": [{"name": "a", "triggers": triggers}]}, tmp_path)
    template = project / "stacks/api/template.yaml"
    with Validator(jobs=1) as validator:
        reviewer = Reviewer(validator, {"SG104": load_rules()["SG104"]}, Selection(("SG104", "suppression")))
        (sound,) = reviewer.review([project]).projects
        # Somebody opens another one by hand.
        template.write_text(template.read_text("utf-8").replace('security: [{"iam": []}]', "security: []"), "utf-8")
        (opened,) = reviewer.review([project]).projects

    accepted = ["ANY /rest/{all+} of Api has no authorization.", "GET /open of Api has no authorization."]
    assert ([f.message for f in sound.findings], sorted(s.finding.message for s in sound.suppressed)) == ([], accepted)
    assert sorted(s.finding.message for s in opened.suppressed) == accepted
    assert "GET /open-not of Api has no authorization." in {finding.message for finding in opened.findings}


def test_without_models_there_is_no_folder_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    project = render_api(api_document(), tmp_path)
    assert not (project / "models").exists()
    with pytest.raises(InputError, match=r"^models/order-line\.json was not read"):
        render_project(spec_from(api_document(models=True), "the document"), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_every_operation_declares_its_errors(tmp_path: Path) -> None:
    body = body_of(deployed(tmp_path))
    for operation in operations(body).values():
        errors = {code for code in operation["responses"] if code != "200"}
        assert {"401", "403", "429", "500"} <= errors
        for code in errors:
            content = operation["responses"][code]["content"]
            assert content == {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}


@pytest.mark.parametrize("origins", [[], ORIGINS], ids=["no origins", "origins"])
def test_errors_of_the_gateway_are_json_that_pages_may_read(origins: list[str], tmp_path: Path) -> None:
    responses = body_of(deployed(tmp_path, cors_origins=origins))["x-amazon-apigateway-gateway-responses"]
    assert set(responses) == {
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "BAD_REQUEST_BODY",
        "UNAUTHORIZED",
        "ACCESS_DENIED",
        "THROTTLED",
    }
    for name, response in responses.items():
        template = response["responseTemplates"]["application/json"]
        said = "$context.error.validationErrorString" if name == "BAD_REQUEST_BODY" else "$context.error.messageString"
        assert said in template
        text = template.replace("$context.error.messageString", '"m"').replace(said, "m")
        assert json.loads(text) == {"message": "m", "requestId": "$context.requestId"}
        headers = response.get("responseParameters", {})
        origin = headers.get("gatewayresponse.header.Access-Control-Allow-Origin")
        assert origin == (f"'{ORIGINS[0]}'" if origins else None)


@pytest.mark.parametrize("origins", [[], ORIGINS], ids=["no origins", "origins"])
@pytest.mark.parametrize("who", ["iam", "cognito", "lambda"])
def test_the_health_check_answers_without_a_function_and_with_the_apis_authorization(
    who: str, origins: list[str], tmp_path: Path
) -> None:
    item = body_of(deployed(tmp_path, authorization=who, cors_origins=origins))["paths"]["/health"]
    assert set(item) == {"get", "options"}
    assert item["get"]["security"] == [{who: []}]
    integration = item["get"]["x-amazon-apigateway-integration"]
    assert integration["type"] == "mock"
    assert json.loads(integration["requestTemplates"]["application/json"]) == {"statusCode": 200}
    template = integration["responses"]["default"]["responseTemplates"]["application/json"]
    *logic, answer = template.strip().splitlines()
    assert json.loads(answer) == {"status": "ok"}
    assert all(line.startswith("#") for line in logic)
    assert all(origin in template for origin in origins)
    allowed = item["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert allowed["method.response.header.Access-Control-Allow-Methods"] == "'GET,OPTIONS'"


def test_a_route_of_ones_own_wins_over_the_health_check(tmp_path: Path) -> None:
    triggers = [{"type": "api", "path": "/health", "authorization": "none"}]
    item = body_of(deployed(tmp_path, triggers=triggers))["paths"]["/health"]
    assert item["get"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    (folder := tmp_path / "without").mkdir()
    assert "/health" not in body_of(deployed(folder, health=False))["paths"]


def test_no_api_without_a_route_whatever_the_api_says(tmp_path: Path) -> None:
    functions: list[dict[str, Any]] = [{"name": "nightly", "triggers": []}]
    choices: dict[str, Any] = {"authorization": "lambda", "api_key": True, "domain": True}
    deployment = deploy(sound_api(api_document(functions=functions, **choices), tmp_path))
    assert deployment.of_type("AWS::ApiGateway::RestApi") == {}
    names = {f["FunctionName"] for f in deployment.of_type("AWS::Lambda::Function").values()}
    assert "dev-orders-nightly" in names
    assert "dev-orders-authorizer" not in names


def test_any_stands_beside_single_methods(tmp_path: Path) -> None:
    triggers = [{"type": "api", "path": "/a", "method": method} for method in ("ANY", "GET", "POST")]
    project = sound_api(api_document(triggers=triggers), tmp_path)
    item = body_of(deploy(project))["paths"]["/a"]
    assert set(item) == {"get", "post", "options", "x-amazon-apigateway-any-method"}
    allowed = item["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    methods = allowed["method.response.header.Access-Control-Allow-Methods"].strip("'").split(",")
    assert methods == ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "OPTIONS"]
    handler = (project / "src/orders/app.py").read_text("utf-8")
    assert 'method=["PUT", "PATCH", "DELETE", "HEAD"]' in handler  # what is left to ANY


def deployment_id(project: Path, **parameters: str) -> str:
    (name,) = deploy(project, "dev", **parameters).of_type("AWS::ApiGateway::Deployment")
    return name


def test_a_deployment_follows_the_definition(tmp_path: Path) -> None:
    def made(name: str, **choices: Any) -> str:
        (folder := tmp_path / name).mkdir()
        return deployment_id(render_api(api_document(**choices), folder))

    first = made("first")
    assert made("same") == first
    route = {"type": "api", "path": "/more"}
    changed = [
        made("route", triggers=[{"type": "api", "path": "/orders/{id}"}, route]),
        made("authorization", authorization="cognito"),
        made("model", models=True),
        made("origin", cors_origins=ORIGINS),
        made("key", api_key=True),
    ]
    assert len({first, *changed}) == 6


def test_a_parameters_value_alone_makes_no_deployment(tmp_path: Path) -> None:
    # What docs/api.md says: SAM hashes the definition before CloudFormation knows the values.
    project = render_api(api_document(endpoint="private"), tmp_path)
    assert deployment_id(project, VpcEndpointIds="vpce-00000000") == deployment_id(project)


def test_the_stage_throttles_traces_logs_errors_and_does_not_cache(tmp_path: Path) -> None:
    stage = deployed(tmp_path, endpoint="private", api_key=True).one("AWS::ApiGateway::Stage")
    (settings,) = stage["MethodSettings"]
    assert stage["CacheClusterEnabled"] is False
    assert stage["TracingEnabled"] is True
    kept = {k: settings[k] for k in ("LoggingLevel", "DataTraceEnabled", "MetricsEnabled", "CachingEnabled")}
    assert kept == {
        "LoggingLevel": "ERROR",
        "DataTraceEnabled": False,
        "MetricsEnabled": True,
        "CachingEnabled": False,
    }
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (50, 100)
    log = json.loads(re.sub(r"\n\s*", "", stage["AccessLogSetting"]["Format"]))
    assert {"requestId", "ip", "caller", "status", "error", "waf", "trace"} <= set(log)
