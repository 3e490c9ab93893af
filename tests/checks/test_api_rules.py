"""SG601 to SG606 on templates in other styles than samgen's: each good one has nothing, each change is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks import load_rules
from generator.checks.run import read_case, run_rules
from generator.findings import Finding

FUNCTION = """
  Function:
    Type: AWS::Lambda::Function
    Properties: { FunctionName: orders, Role: !Ref RoleArn, Runtime: python3.13, Handler: a.b, Code: { ZipFile: x } }
  Alias:
    Type: AWS::Lambda::Alias
    Properties: { FunctionName: !Ref Function, FunctionVersion: "1", Name: live }
"""
HEAD = """AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  RoleArn: { Type: String }
  LogArn: { Type: String }
Resources:"""
STAGE = """
  Stage20260101:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: v1
      DeploymentId: !Ref Deployment20260101
      AccessLogSetting: { DestinationArn: !Ref LogArn, Format: '{"id":"$context.requestId"}' }
      MethodSettings: [{ ResourcePath: "/*", HttpMethod: "*", ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5 }]
"""
PERMISSION = """
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Alias
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*/*"
"""
URI = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Alias}/invocations"
RESOURCES = f"""{HEAD}{FUNCTION}{PERMISSION}{STAGE}
  Api: {{ Type: AWS::ApiGateway::RestApi, Properties: {{ Name: orders }} }}
  Orders:
    Type: AWS::ApiGateway::Resource
    Properties: {{ RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders }}
  Model:
    Type: AWS::ApiGateway::Model
    Properties: {{ RestApiId: !Ref Api, ContentType: application/json, Name: Order, Schema: {{ type: object }} }}
  Validator:
    Type: AWS::ApiGateway::RequestValidator
    Properties: {{ RestApiId: !Ref Api, ValidateRequestBody: true, ValidateRequestParameters: true }}
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Orders
      HttpMethod: POST
      AuthorizationType: AWS_IAM
      RequestValidatorId: !Ref Validator
      RequestModels: {{ application/json: !Ref Model }}
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub "{URI}"
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Orders
      HttpMethod: OPTIONS
      AuthorizationType: NONE
      Integration:
        Type: MOCK
        RequestTemplates: {{ application/json: '{{"statusCode": 204}}' }}
        IntegrationResponses:
          - StatusCode: "204"
            ResponseParameters:
              method.response.header.Access-Control-Allow-Origin: "'https://shop.example.com'"
  BadRequest:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Api
      ResponseType: DEFAULT_4XX
      ResponseTemplates: {{ application/json: '{{"message":$context.error.messageString,"id":"$context.requestId"}}' }}
      ResponseParameters:
        gatewayresponse.header.Access-Control-Allow-Origin: "'https://shop.example.com'"
  Failure:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Api
      ResponseType: DEFAULT_5XX
      ResponseTemplates: {{ application/json: '{{"message":$context.error.messageString,"id":"$context.requestId"}}' }}
      ResponseParameters:
        gatewayresponse.header.Access-Control-Allow-Origin: "'https://shop.example.com'"
  Deployment20260101:
    Type: AWS::ApiGateway::Deployment
    DependsOn: [Post, Options]
    Properties: {{ RestApiId: !Ref Api }}
"""
ROUTES = f"""{HEAD}{FUNCTION}{PERMISSION}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: orders
      ProtocolType: HTTP
      CorsConfiguration: {{ AllowOrigins: ["https://shop.example.com"], AllowMethods: [GET] }}
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      Name: jwt
      AuthorizerType: JWT
      IdentitySource: [$request.header.Authorization]
      JwtConfiguration: {{ Issuer: "https://issuer.example.com", Audience: [orders] }}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !Ref Alias
      PayloadFormatVersion: "2.0"
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: GET /orders
      AuthorizationType: JWT
      AuthorizerId: !Ref Authorizer
      Target: !Sub "integrations/${{Integration}}"
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Api
      StageName: $default
      AutoDeploy: true
      AccessLogSettings: {{ DestinationArn: !Ref LogArn, Format: '{{"id":"$context.requestId"}}' }}
      DefaultRouteSettings: {{ ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5 }}
"""
OPENAPI = f"""{HEAD}{FUNCTION}{PERMISSION}{STAGE}
  Deployment20260101: {{ Type: AWS::ApiGateway::Deployment, Properties: {{ RestApiId: !Ref Api }} }}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        info: {{ title: orders, version: "1" }}
        x-amazon-apigateway-request-validators:
          all: {{ validateRequestBody: true, validateRequestParameters: true }}
        x-amazon-apigateway-request-validator: all
        x-amazon-apigateway-gateway-responses:
          DEFAULT_4XX: &error
            responseParameters: {{ gatewayresponse.header.Access-Control-Allow-Origin: "'https://a.example.com'" }}
            responseTemplates: {{ application/json: '{{"id":"$context.requestId"}}' }}
          DEFAULT_5XX: *error
        paths:
          /things/{{id}}:
            get:
              parameters: [{{ name: page, in: query, required: true, schema: {{ type: integer }} }}]
              responses: {{ "200": {{ description: it }}, "404": {{ description: not there }} }}
              x-amazon-apigateway-integration:
                type: aws
                httpMethod: POST
                uri: !Sub "{URI}"
                responses:
                  default: {{ statusCode: "200", responseParameters: {{ &origin
                    "method.response.header.Access-Control-Allow-Origin": "'https://a.example.com'" }} }}
                  ".*NotFound.*": {{ statusCode: "404", responseParameters: {{
                    "method.response.header.Access-Control-Allow-Origin": "'https://a.example.com'" }} }}
            options:
              security: []
              responses: {{ "204": {{ description: preflight }} }}
              x-amazon-apigateway-integration:
                type: mock
                requestTemplates: {{ application/json: '{{"statusCode": 204}}' }}
                responses:
                  default: {{ statusCode: "204", responseParameters: {{
                    "method.response.header.Access-Control-Allow-Origin": "'https://a.example.com'" }} }}
"""
GOOD = {"resources": RESOURCES, "routes": ROUTES, "openapi": OPENAPI.replace("&origin\n", "\n")}
JSON_ERROR = """'{"message":$context.error.messageString,"id":"$context.requestId"}'"""
BAD = [
    ("SG601", "resources", "functions/${Alias}/", "functions/${Function.Arn}/", "not an alias"),
    ("SG601", "resources", "IntegrationHttpMethod: POST", "IntegrationHttpMethod: GET", "by GET"),
    ("SG601", "resources", "        IntegrationHttpMethod: POST\n", "", "without a method"),
    ("SG601", "resources", "Type: AWS_PROXY", "Type: LAMBDA", "the type LAMBDA"),
    ("SG601", "resources", f'Uri: !Sub "{URI}"', "Uri: !Ref Alias", "no invocation address"),
    (
        "SG601",
        "resources",
        "FunctionName: !Ref Alias",
        "FunctionName: !Ref Function",
        "No permission lets POST /orders",
    ),
    ("SG601", "resources", "${Api}/*/*/*", "${Api}/*/GET/*", "No permission lets POST /orders"),
    ("SG601", "resources", "${Api}/*/*/*", "*/*/POST/orders", "every API of the account"),
    ("SG601", "resources", PERMISSION[PERMISSION.index("      SourceArn") :], "", "every API of every account"),
    ("SG601", "routes", "IntegrationUri: !Ref Alias", "IntegrationUri: !GetAtt Function.Arn", "not an alias"),
    ("SG601", "routes", "IntegrationType: AWS_PROXY", "IntegrationType: AWS", "HTTP APIs have"),
    ("SG601", "routes", '      Target: !Sub "integrations/${Integration}"\n', "", "has no integration"),
    ("SG602", "resources", "HttpMethod: OPTIONS", "HttpMethod: DELETE", "no preflight"),
    ("SG602", "resources", "AuthorizationType: NONE", "AuthorizationType: AWS_IAM", "asks for authorization"),
    ("SG602", "resources", "\"'https://shop.example.com'\"", "\"'*'\"", "pages of every origin"),
    ("SG602", "routes", 'AllowOrigins: ["https://shop.example.com"]', 'AllowOrigins: ["*"]', "pages of every origin"),
    ("SG602", "routes", '["https://shop.example.com"]', '["*"], AllowCredentials: true', "with credentials"),
    (
        "SG602",
        "routes",
        '      CorsConfiguration: { AllowOrigins: ["https://shop.example.com"], AllowMethods: [GET] }\n',
        "",
        "no CORS configuration",
    ),
    (
        "SG602",
        "openapi",
        "gatewayresponse.header.Access-Control-Allow-Origin",
        "gatewayresponse.header.X",
        "DEFAULT_5XX",
    ),
    ("SG603", "resources", "      RequestModels: { application/json: !Ref Model }\n", "", "has no model"),
    ("SG603", "resources", "      RequestValidatorId: !Ref Validator\n", "", "no request validator"),
    ("SG603", "resources", "ValidateRequestBody: true", "ValidateRequestBody: false", "does not look at the body"),
    ("SG603", "openapi", "        x-amazon-apigateway-request-validator: all\n", "", "its required parameters"),
    ("SG603", "openapi", "request-validator: all", "request-validator: most", "not defined"),
    ("SG603", "openapi", "validateRequestParameters: true", "validateRequestParameters: false", "at parameters"),
    ("SG604", "resources", "[Post, Options]", "[Options]", "does not wait for Post"),
    ("SG604", "resources", "Deployment20260101", "Deployment", "made once"),
    ("SG604", "openapi", "Type: AWS::ApiGateway::Stage", "Type: AWS::ApiGateway::ClientCertificate", "has no stage"),
    (
        "SG604",
        "openapi",
        "Properties: { RestApiId: !Ref Api }",
        "Properties: { RestApiId: !Ref Api, StageName: v2 }",
        "v2",
    ),
    ("SG604", "routes", "AutoDeploy: true", "AutoDeploy: false", "ever deployed"),
    ("SG604", "routes", "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Model", "has no stage"),
    ("SG605", "resources", "ResponseType: DEFAULT_5XX", "ResponseType: THROTTLED", "no gateway response DEFAULT_5XX"),
    ("SG605", "resources", JSON_ERROR, """'{"message":$context.error.message}'""", "is not JSON"),
    ("SG605", "resources", JSON_ERROR, """'{"message":$context.error.messageString}'""", "lacks the request's id"),
    ("SG605", "openapi", ', "404": { description: not there }', "", "declares no answer for errors"),
    ("SG605", "openapi", 'statusCode: "404"', 'statusCode: "200"', "only success is mapped"),
    ("SG606", "resources", ", ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5", "", "is not throttled"),
    ("SG606", "resources", STAGE[STAGE.index("      AccessLog") : STAGE.index("      Method")], "", "no access log"),
    ("SG606", "routes", '{"id":"$context.requestId"}', "$context.requestId $context.status", "not structured"),
    (
        "SG606",
        "routes",
        "ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5",
        "DetailedMetricsEnabled: true",
        "throttled",
    ),
]


def findings(folder: Path, text: str, *rules: str) -> list[Finding]:
    """What rules say of one template."""
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    registry = load_rules()
    chosen = {name: rule for name, rule in registry.items() if name.startswith(rules)}
    return run_rules(read_case(folder), chosen)


@pytest.mark.parametrize("style", GOOD)
def test_good_apis_pass(tmp_path: Path, style: str) -> None:
    assert [finding.as_text() for finding in findings(tmp_path, GOOD[style], "SG6")] == []


@pytest.mark.parametrize("sample", BAD, ids=lambda sample: f"{sample[0]}-{sample[4]}")
def test_bad_apis_are_found(tmp_path: Path, sample: tuple[str, str, str, str, str]) -> None:
    rule, style, old, new, says = sample
    assert old in GOOD[style]

    messages = [finding.message for finding in findings(tmp_path, GOOD[style].replace(old, new), rule)]

    assert any(says in message for message in messages), messages


@pytest.mark.parametrize("value", ["text", "[]", "[[]]", "{ a: b }", "!Ref AWS::NoValue", "{ paths: { /a: [] } }", "1"])
def test_odd_values_never_crash(tmp_path: Path, value: str) -> None:
    for style in GOOD.values():
        lines = style.splitlines()
        for number, line in enumerate(lines):
            if line.startswith("      ") and ": " in line and number % 5 == 0:
                changed = [*lines[:number], f"{line.partition(':')[0]}: {value}", *lines[number + 1 :]]
                findings(tmp_path, "\n".join(changed), "SG6", "SG7", "SG206")


def test_a_document_beside_the_template_is_read(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.0.1\npaths:\n  /a:\n    get:\n      responses: {'200': {description: a}}\n", encoding="utf-8"
    )
    text = f"{HEAD}\n  Api: {{ Type: AWS::ApiGateway::RestApi, Properties: {{ BodyS3Location: api.yaml }} }}\n"

    found = findings(tmp_path, text, "SG601")

    assert [(finding.file, finding.line) for finding in found] == [("api.yaml", 4)]
