"""What can be broken in an API."""

from __future__ import annotations

from mutation import Mutation

API = "stacks/api/template.yaml"

_URI = "function:${Environment}-orders-place-order:live/invocations"
_POST = '"/orders":\n            post:\n'
_ROOT = "AWS::Serverless::Api\n    Properties:\n"
_PREFLIGHT = """options:
              operationId: optionsOrders
              summary: CORS preflight
              security: []
"""
_ERRORS = """          DEFAULT_4XX: &gateway_response
            responseTemplates: &gateway_answer
              application/json: '{"message":$context.error.messageString,"requestId":"$context.requestId"}'
"""

MUTATIONS = [
    Mutation("SG601", "a route calls the function and not its alias", API, _URI, _URI.replace(":live", ""), "uri:"),
    Mutation("SG601", "a function is called by GET", API, "httpMethod: POST", "httpMethod: GET", "httpMethod: GET"),
    Mutation("SG601", "an integration of an unknown type", API, "type: aws_proxy", "type: lambda", "type: lambda"),
    Mutation(
        "SG601",
        "the permission is for another stage's alias",
        API,
        'FunctionName: !Sub "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:'
        '${Environment}-orders-place-order:live"',
        'FunctionName: !Sub "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:'
        '${Environment}-orders-place-order"',
        "orders-place-order:live/invocations",
    ),
    Mutation(
        "SG601",
        "every API of the account may invoke the function",
        API,
        "${AWS::AccountId}:${Api}/*",
        "${AWS::AccountId}:*",
        "SourceArn:",
    ),
    Mutation(
        "SG601",
        "the permission covers one method only",
        API,
        "${AWS::AccountId}:${Api}/*",
        "${AWS::AccountId}:${Api}/*/GET/*",
        "orders-place-order:live/invocations",
    ),
    Mutation("SG602", "a path has no preflight", API, "            options:\n", "            head:\n", "get:"),
    Mutation(
        "SG602",
        "a preflight asks for authorization",
        API,
        _PREFLIGHT,
        _PREFLIGHT.replace("[]", '[{"cognito": []}]'),
        "options:",
    ),
    Mutation(
        "SG602",
        "a gateway response without the origin",
        API,
        "gatewayresponse.header.Access-Control-Allow-Origin: \"'https://shop.example.com'\"",
        "gatewayresponse.header.Content-Language: \"'en'\"",
        "DEFAULT_4XX:",
    ),
    Mutation(
        "SG602",
        "a preflight allows every origin",
        API,
        "method.response.header.Access-Control-Allow-Methods: \"'GET,OPTIONS'\"",
        "method.response.header.Access-Control-Allow-Origin: \"'*'\"",
        "options:",
    ),
    Mutation(
        "SG603", "a body without model", API, '"schema": {"$ref": "#/components/schemas/Order"}', "", "requestBody:"
    ),
    Mutation(
        "SG603",
        "a model that is not there",
        API,
        '"$ref": "#/components/schemas/Order"',
        '"$ref": "#/components/schemas/Oder"',
        "requestBody:",
    ),
    Mutation(
        "SG603",
        "a validator that does not look at the body",
        API,
        "x-amazon-apigateway-request-validator: all",
        "x-amazon-apigateway-request-validator: parameters",
        "x-amazon-apigateway-request-validator: parameters",
    ),
    Mutation("SG604", "SAM makes a second stage", API, "      OpenApiVersion: 3.0.1\n", "", "StageName:"),
    Mutation(
        "SG604",
        "an API that nobody deploys",
        API,
        "  PlaceOrderPermission:\n",
        "  Second:\n    Type: AWS::ApiGateway::RestApi\n    Properties: { Name: second }\n\n  PlaceOrderPermission:\n",
        "  Second:",
    ),
    Mutation("SG605", "no answer to the callers' errors", API, "DEFAULT_4XX:", "QUOTA_EXCEEDED:", "gateway-responses:"),
    Mutation(
        "SG605",
        "no answer to the service's errors",
        API,
        "DEFAULT_5XX:",
        "API_CONFIGURATION_ERROR:",
        "gateway-responses",
    ),
    Mutation(
        "SG605",
        "an answer that is not JSON",
        API,
        _ERRORS,
        _ERRORS.replace("$context.error.messageString", "$context.error.message"),
        "DEFAULT_4XX:",
    ),
    Mutation(
        "SG606",
        "no throttling",
        API,
        "          ThrottlingRateLimit: 50\n          ThrottlingBurstLimit: 100\n",
        "",
        "MethodSettings:",
    ),
    Mutation(
        "SG606",
        "the access log is not structured",
        API,
        '{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId",',
        '$context.requestId {"extendedRequestId":"$context.extendedRequestId",',
        "AccessLogSetting:",
    ),
    Mutation(
        "SG606",
        "the access log goes nowhere",
        API,
        "        DestinationArn: !GetAtt AccessLogGroup.Arn\n",
        "",
        "AccessLogSetting:",
        example="minimal",
    ),
]
