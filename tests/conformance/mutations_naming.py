"""Names of a generated project, broken one at a time."""

from __future__ import annotations

from mutation import Mutation

API = "stacks/api/template.yaml"
DATA = "stacks/data/template.yaml"
FUNCTIONS = "stacks/functions/template.yaml"
SECURITY = "stacks/security/template.yaml"

TABLE = 'TableName: !Sub "${Environment}-orders-orders"'
QUEUE = 'QueueName: !Sub "${Environment}-orders-fulfilment"'
FUNCTION = 'FunctionName: !Sub "${Environment}-orders-place-order"'
BUCKET = 'BucketName: !Sub "${Environment}-orders-invoices-${AWS::AccountId}-${AWS::Region}"'
API_NAME = 'Name: !Sub "${Environment}-OrdersAPI"'
LOGS = 'LogGroupName: !Sub "/aws/lambda/${Environment}-orders-place-order"'
ROLE = 'RoleName: !Sub "${Environment}-orders-place-order-${AWS::Region}"'
PARTS = "of-the-service-that-takes-the-orders-of-the-shop"

MUTATIONS = [
    Mutation("SG801", "a table without environment", DATA, TABLE, "TableName: orders", "TableName: orders"),
    Mutation(
        "SG801", "a queue of production only", DATA, QUEUE, "QueueName: prod-orders-fulfilment", "QueueName: prod"
    ),
    Mutation(
        "SG801",
        "the environment at the end",
        FUNCTIONS,
        FUNCTION,
        'FunctionName: !Sub "place-order-${Environment}"',
        "FunctionName: !Sub",
    ),
    Mutation(
        "SG801",
        "a log group without environment",
        FUNCTIONS,
        LOGS,
        "LogGroupName: /aws/lambda/orders-place-order",
        "LogGroupName: /aws",
    ),
    Mutation(
        "SG801",
        "a role without environment, minimal",
        SECURITY,
        'RoleName: !Sub "${Environment}-minimal-hello"',
        "RoleName: hello",
        "RoleName: hello",
        example="minimal",
    ),
    Mutation("SG802", "an API without environment", API, API_NAME, "Name: OrdersAPI", "Name: OrdersAPI"),
    Mutation(
        "SG802", "the environment at the end", API, API_NAME, 'Name: !Sub "OrdersAPI-${Environment}"', "OrdersAPI-$"
    ),
    Mutation(
        "SG802",
        "the environment alone, minimal",
        API,
        'Name: !Sub "${Environment}-MyAPI"',
        "Name: !Ref Environment",
        "Name: !Ref Environment",
        example="minimal",
    ),
    Mutation(
        "SG803", "a table with underscores", DATA, TABLE, 'TableName: !Sub "${Environment}_orders_orders"', "TableName"
    ),
    Mutation(
        "SG803",
        "a queue in capitals",
        DATA,
        QUEUE,
        'QueueName: !Sub "${Environment}-OrdersFulfilment"',
        "OrdersFulfilment",
    ),
    Mutation(
        "SG803",
        "a function in both ways, minimal",
        FUNCTIONS,
        'FunctionName: !Sub "${Environment}-minimal-hello"',
        'FunctionName: !Sub "${Environment}-minimal_hello-world"',
        "hello-world",
        example="minimal",
    ),
    Mutation("SG804", "a bucket in capitals", DATA, BUCKET, BUCKET.replace("invoices", "Invoices"), "orders-Invoices"),
    Mutation(
        "SG804", "a queue with a dot", DATA, QUEUE, QUEUE.replace("-fulfilment", ".fulfilment"), "orders.fulfilment"
    ),
    Mutation(
        "SG804",
        "a function with a long name",
        FUNCTIONS,
        FUNCTION,
        FUNCTION.replace('order"', f'order-{PARTS}"'),
        PARTS,
    ),
    Mutation(
        "SG804",
        "a role too long in one environment",
        SECURITY,
        ROLE,
        ROLE.replace("place-order", "place-order-of-the-shop-at-the-rivers-sides"),
        "at-the-rivers-sides",
    ),
    Mutation(
        "SG804",
        "a bucket with underscores",
        DATA,
        BUCKET,
        BUCKET.replace("orders-invoices", "orders_invoices"),
        "orders_invoices",
    ),
]
