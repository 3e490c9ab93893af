"""What CloudFormation makes of a changed resource."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared import HEAD, SAM, compare, dangers, fates, indented, resources, templates

from generator.changes import ABSENT, Danger

TABLE = """
    Orders:
      Type: AWS::DynamoDB::Table
      {policies}
      Properties:
        TableName: {name}
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{{AttributeName: {key}, AttributeType: S}}]
        KeySchema: [{{AttributeName: {key}, KeyType: HASH}}]
"""
PLAIN = "DeletionPolicy: Delete\n      UpdateReplacePolicy: Delete"
KEPT = "DeletionPolicy: Retain\n      UpdateReplacePolicy: Retain"


def table(name: str = "orders", key: str = "id", policies: str = PLAIN) -> str:
    """A table."""
    return TABLE.format(name=name, key=key, policies=policies)


def test_the_same_is_no_change(tmp_path: Path) -> None:
    changes = templates(tmp_path, table(), table())
    assert not changes.changed
    assert not changes.files


def test_another_name_replaces_and_loses_all_items(tmp_path: Path) -> None:
    changes = templates(tmp_path, table(), table("orders-2"))
    assert fates(changes) == {"Orders": "replace"}
    (change,) = resources(changes)["Orders"].properties
    assert (change.path, change.before, change.after) == ("TableName", "orders", "orders-2")
    (warning,) = changes.environments[0].warnings
    assert warning.danger is Danger.LOST
    assert "all items" in warning.message
    assert "table orders" in warning.message


def test_a_table_that_is_kept_is_left_behind(tmp_path: Path) -> None:
    changes = templates(tmp_path, table(policies=KEPT), table("orders-2", policies=KEPT))
    assert dangers(changes) == [(Danger.LEFT, "Orders")]
    assert "outside of any stack" in changes.environments[0].warnings[0].message


def test_a_policy_that_comes_with_the_change_promises_nothing(tmp_path: Path) -> None:
    changes = templates(tmp_path, table(), table("orders-2", policies=KEPT))
    assert (Danger.LOST, "Orders") in dangers(changes)


def test_a_key_may_replace_which_depends_on_the_values(tmp_path: Path) -> None:
    changes = templates(tmp_path, table(), table(key="number"))
    assert fates(changes) == {"Orders": "may-replace"}
    properties = {change.path: change.consequence.value for change in resources(changes)["Orders"].properties}
    assert properties["KeySchema[number]"] == "may-replace"
    assert properties["AttributeDefinitions[number]"] == "update"
    assert dangers(changes) == [(Danger.FAILS, "Orders")]
    assert "may have to be replaced" in changes.environments[0].warnings[0].message


@pytest.mark.parametrize(("policies", "danger"), [(PLAIN, Danger.LOST), (KEPT, Danger.LEFT)])
def test_a_deleted_table(tmp_path: Path, policies: str, danger: Danger) -> None:
    other = "Topic: {Type: AWS::SNS::Topic}"
    changes = templates(tmp_path, table(policies=policies), other)
    assert fates(changes) == {"Orders": "delete", "Topic": "create"}
    assert dangers(changes) == [(danger, "Orders")]


def test_a_database_leaves_a_snapshot_unless_told_otherwise(tmp_path: Path) -> None:
    database = "Database: {Type: 'AWS::RDS::DBInstance', Properties: {DBInstanceClass: db.t4g.micro}}"
    changes = templates(tmp_path, database, "Topic: {Type: AWS::SNS::Topic}")
    assert dangers(changes) == [(Danger.LEFT, "Database")]
    assert "snapshot" in changes.environments[0].warnings[0].message


def test_what_holds_nothing_is_deleted_without_a_word(tmp_path: Path) -> None:
    changes = templates(
        tmp_path, "A: {Type: AWS::SNS::Topic}\nB: {Type: AWS::SNS::Topic}", "A: {Type: AWS::SNS::Topic}"
    )
    assert fates(changes) == {"B": "delete"}
    assert not changes.environments[0].warnings


def test_policies_and_order_are_noted_and_touch_nothing(tmp_path: Path) -> None:
    before = "A: {Type: AWS::SNS::Topic}\nB: {Type: AWS::SNS::Topic}"
    after = (
        "A: {Type: AWS::SNS::Topic, DeletionPolicy: Retain, Metadata: {a: 1}}\nB: {Type: AWS::SNS::Topic, DependsOn: A}"
    )
    changes = templates(tmp_path, before, after)
    assert fates(changes) == {"A": "record", "B": "record"}
    assert [change.path for change in resources(changes)["A"].properties] == ["DeletionPolicy", "Metadata"]
    assert resources(changes)["B"].properties[0].before is ABSENT
    assert not changes.environments[0].warnings


def test_how_an_order_is_written_is_no_change(tmp_path: Path) -> None:
    topics = "A: {Type: AWS::SNS::Topic}\nB: {Type: AWS::SNS::Topic}\nC: {Type: AWS::SNS::Topic, DependsOn: %s}"
    changes = templates(tmp_path, topics % "[A, B]", topics % "[B, A]")
    assert changes.files
    assert not fates(changes)


def test_numbers_and_text_are_the_same_to_cloudformation(tmp_path: Path) -> None:
    queue = "Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: %s}}"
    changes = templates(tmp_path, queue % "60", queue % "'60'")
    assert not fates(changes)


def test_a_fixed_name_stands_in_the_way_of_a_replacement(tmp_path: Path) -> None:
    queue = "Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs.fifo%s}}"
    changes = templates(tmp_path, queue % "", queue % ", FifoQueue: true")
    assert dangers(changes) == [(Danger.FAILS, "Queue")]
    assert "has to be replaced" in changes.environments[0].warnings[0].message


def test_what_cannot_be_updated_is_replaced(tmp_path: Path) -> None:
    layer = "Layer: {Type: AWS::Lambda::LayerVersion, Properties: {Description: %s, Content: {S3Bucket: b, S3Key: k}}}"
    assert fates(templates(tmp_path, layer % "a", layer % "b")) == {"Layer": "replace"}


def test_of_a_type_without_schema_it_says_that_it_may_be_replaced(tmp_path: Path) -> None:
    thing = "Thing: {Type: Some::Other::Thing, Properties: {A: %s}}"
    assert fates(templates(tmp_path, thing % "1", thing % "2")) == {"Thing": "may-replace"}


def test_custom_resources_decide_for_themselves(tmp_path: Path) -> None:
    thing = "Thing: {Type: 'Custom::Thing', Properties: {ServiceToken: '%s', A: %s}}"
    assert fates(templates(tmp_path, thing % ("arn", 1), thing % ("arn", 2))) == {"Thing": "may-replace"}
    assert fates(templates(tmp_path / "token", thing % ("arn", 1), thing % ("other", 1))) == {"Thing": "replace"}


def test_another_type_under_the_same_name_is_refused_by_cloudformation(tmp_path: Path) -> None:
    changes = templates(tmp_path, "A: {Type: AWS::SNS::Topic}", "A: {Type: AWS::SQS::Queue}")
    assert dangers(changes) == [(Danger.FAILS, "A")]


def test_what_refers_to_a_replaced_resource_follows_it(tmp_path: Path) -> None:
    queue = """
    Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: %s}}
    Mapping:
      Type: AWS::Lambda::EventSourceMapping
      Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: worker}
    Alarm:
      Type: AWS::CloudWatch::Alarm
      Properties:
        ComparisonOperator: GreaterThanThreshold
        EvaluationPeriods: 1
        Dimensions: [{Name: QueueName, Value: !GetAtt Queue.QueueName}]
    """
    changes = templates(tmp_path, queue % "jobs", queue % "work")
    assert fates(changes) == {"Queue": "replace", "Mapping": "replace", "Alarm": "update"}
    (mapping,) = resources(changes)["Mapping"].properties
    assert mapping.because == "<template.yaml#Queue>"


def test_an_unknown_value_that_is_written_differently_is_told(tmp_path: Path) -> None:
    topic = "Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !ImportValue %s}}"
    changes = templates(tmp_path, topic % "a", topic % "b")
    (change,) = resources(changes)["Topic"].properties
    assert (change.before, change.after) == ('{"Fn::ImportValue": "a"}', '{"Fn::ImportValue": "b"}')
    assert fates(changes) == {"Topic": "may-replace"}


FUNCTION = """
    Worker:
      Type: AWS::Serverless::Function
      Properties:
        CodeUri: src/worker
        Handler: app.handler
        Runtime: python3.13
        AutoPublishAlias: live
        AutoPublishAliasAllProperties: true
        MemorySize: {memory}
    Api:
      Type: AWS::Serverless::Api
      Properties:
        StageName: live
        DefinitionBody: {{openapi: 3.0.1, info: {{title: {title}}}, paths: {{}}}}
    Layer:
      Type: AWS::Serverless::LayerVersion
      Properties: {{ContentUri: layer, LayerName: shared, Description: {title}}}
"""


def sam(memory: int = 128, title: str = "a") -> str:
    """A function that publishes versions, an API with its deployment, and a layer."""
    return SAM + "Resources:\n" + indented(FUNCTION.format(memory=memory, title=title))


def test_new_versions_and_deployments_are_no_deletions(tmp_path: Path) -> None:
    changes = compare(tmp_path, {"template.yaml": sam()}, {"template.yaml": sam(256, "b")})
    found = {change.type: change.consequence.value for change in resources(changes).values()}
    assert found == {
        "AWS::Lambda::Function": "update",
        "AWS::Lambda::Version": "publish",
        "AWS::Lambda::Alias": "update",
        "AWS::Lambda::LayerVersion": "publish",
        "AWS::ApiGateway::RestApi": "update",
        "AWS::ApiGateway::Deployment": "publish",
        "AWS::ApiGateway::Stage": "update",
    }


def test_a_changed_file_is_other_code_of_its_function_alone(tmp_path: Path) -> None:
    other = sam().replace("Resources:", "Resources:\n  Idle: {Type: AWS::SNS::Topic}", 1)
    files = {"template.yaml": other, "src/worker/app.py": "a = 1\n", "src/workers.py": "b = 1\n"}
    changes = compare(tmp_path, files, {**files, "src/worker/app.py": "a = 2\n", "src/workers.py": "b = 2\n"})
    assert fates(changes) == {"Worker": "update"}
    (change,) = resources(changes)["Worker"].properties
    assert (change.path, change.after) == ("Code", "1 file changed")


def test_a_value_of_the_root_arrives_in_the_stack_that_has_it(tmp_path: Path) -> None:
    root = (
        HEAD
        + "Resources:\n"
        + indented("""
    Data:
      Type: AWS::CloudFormation::Stack
      Properties: {TemplateURL: data.yaml, Parameters: {Prefix: %s}}
    """)
    )
    data = (
        HEAD
        + "Parameters: {Prefix: {Type: String}}\nResources:\n"
        + indented("""
    Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: !Sub "${Prefix}-clicks", ShardCount: 1}}
    """)
    )
    changes = compare(
        tmp_path, {"template.yaml": root % "a", "data.yaml": data}, {"template.yaml": root % "b", "data.yaml": data}
    )
    assert fates(changes) == {"Stream": "replace", "Data": "update"}
    assert resources(changes)["Stream"].stack == "data.yaml"
    assert dangers(changes) == [(Danger.LOST, "Stream")]


def test_a_child_that_moves_to_another_file_stays_the_same_stack(tmp_path: Path) -> None:
    root = (
        HEAD
        + "Resources:\n"
        + indented("""
    Data:
      Type: AWS::CloudFormation::Stack
      Properties: {TemplateURL: %s}
    """)
    )
    data = (
        HEAD
        + "Resources:\n"
        + indented("""
    Topic: {Type: AWS::SNS::Topic}
    Subscription: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: a@b.c}}
    """)
    )
    changes = compare(
        tmp_path,
        {"template.yaml": root % "data.yaml", "data.yaml": data},
        {"template.yaml": root % "store/data.yaml", "store/data.yaml": data},
    )
    assert fates(changes) == {"Data": "update"}
