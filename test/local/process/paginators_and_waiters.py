"""Runs every paginator and waiter of boto3 whose operation the local cloud has, by two items a page.

The endpoint and the credentials come from AWS's own variables. Prints one JSON object: for each paginator the items in
all pages and the number of pages, the waiters that ended well, and every operation that boto3 can
page.
"""

import io
import json
import time
import zipfile

import boto3
from botocore.config import Config

ONCE = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
PAGE = {"PageSize": 2}
# A stack takes less than a second.
FAST = {"Delay": 0.25, "MaxAttempts": 240}
FUNCTIONS = ("one", "two", "three")

TEMPLATE = json.dumps(
    {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                },
            },
            **{
                f"Function{name}": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "FunctionName": name,
                        "Runtime": "nodejs22.x",
                        "Handler": "index.handler",
                        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                        "Code": {"ZipFile": "exports.handler = async () => 1;"},
                    },
                }
                for name in FUNCTIONS
            },
            **{
                f"Table{name}": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {
                        "TableName": name,
                        "BillingMode": "PAY_PER_REQUEST",
                        "AttributeDefinitions": [
                            {"AttributeName": "p", "AttributeType": "S"},
                            {"AttributeName": "s", "AttributeType": "N"},
                        ],
                        "KeySchema": [
                            {"AttributeName": "p", "KeyType": "HASH"},
                            {"AttributeName": "s", "KeyType": "RANGE"},
                        ],
                    },
                }
                for name in FUNCTIONS
            },
        }
    }
)
EMPTY = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}})
CHANGED = json.dumps(
    {
        "Resources": {
            "Group": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"RetentionInDays": 7},
            }
        }
    }
)
# This log group exists already, so that the update fails.
TAKEN = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "taken"}}
FAILING = json.dumps(
    {"Resources": {**json.loads(CHANGED)["Resources"], "Taken": TAKEN}}
)


class Seen:
    """What the paginators and waiters of one service did."""

    def __init__(self, service: str) -> None:
        self.client = boto3.client(service, config=ONCE)
        self.pages: dict[str, list[int]] = {}
        self.waited: list[str] = []

    def paginate(
        self, operation: str, key: str, paging: dict | None = None, **arguments: object
    ) -> None:
        items = pages = 0
        for page in self.client.get_paginator(operation).paginate(
            **arguments, PaginationConfig=PAGE if paging is None else paging
        ):
            pages += 1
            items += len(page.get(key, []))
        self.pages[operation] = [items, pages]

    def wait(self, waiter: str, **arguments: object) -> None:
        self.client.get_waiter(waiter).wait(**arguments, WaiterConfig=FAST)
        self.waited.append(waiter)

    def told(self) -> dict[str, object]:
        operations = [
            name
            for name in self.client.meta.method_to_api_mapping
            if self.client.can_paginate(name)
        ]
        return {
            "pages": self.pages,
            "waited": sorted(set(self.waited)),
            "canPaginate": operations,
        }


def cloudformation() -> dict[str, object]:
    seen = Seen("cloudformation")
    client = seen.client
    client.create_stack(
        StackName="big", TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"]
    )
    seen.wait("stack_exists", StackName="big")
    seen.wait("stack_create_complete", StackName="big")
    boto3.client("logs").create_log_group(logGroupName="taken")
    for name in ("second", "third"):
        client.create_stack(StackName=name, TemplateBody=EMPTY)
        seen.wait("stack_create_complete", StackName=name)
    client.update_stack(StackName="second", TemplateBody=CHANGED)
    seen.wait("stack_update_complete", StackName="second")
    client.update_stack(StackName="second", TemplateBody=FAILING, DisableRollback=True)
    while (
        client.describe_stacks(StackName="second")["Stacks"][0]["StackStatus"]
        != "UPDATE_FAILED"
    ):
        time.sleep(0.2)
    client.rollback_stack(StackName="second")
    seen.wait("stack_rollback_complete", StackName="second")
    for number in range(3):
        client.create_change_set(
            StackName="third", ChangeSetName=f"set-{number}", TemplateBody=CHANGED
        )
        seen.wait(
            "change_set_create_complete",
            StackName="third",
            ChangeSetName=f"set-{number}",
        )
    client.create_change_set(
        StackName="fourth",
        ChangeSetName="all",
        ChangeSetType="CREATE",
        TemplateBody=TEMPLATE.replace('"one"', '"four"')
        .replace('"two"', '"five"')
        .replace('"three"', '"six"'),
        Capabilities=["CAPABILITY_IAM"],
    )
    seen.wait("change_set_create_complete", StackName="fourth", ChangeSetName="all")
    whole: dict[str, object] = {}
    seen.paginate("describe_stacks", "Stacks", whole)
    seen.paginate("list_stacks", "StackSummaries", whole)
    seen.paginate("describe_stack_events", "StackEvents", whole, StackName="big")
    seen.paginate(
        "list_stack_resources", "StackResourceSummaries", whole, StackName="big"
    )
    seen.paginate("list_change_sets", "Summaries", whole, StackName="third")
    seen.paginate(
        "describe_change_set", "Changes", whole, StackName="fourth", ChangeSetName="all"
    )
    seen.paginate("describe_events", "OperationEvents", whole, StackName="big")
    client.delete_stack(StackName="third")
    seen.wait("stack_delete_complete", StackName="third")
    return seen.told()


def functions() -> dict[str, object]:
    seen = Seen("lambda")
    client = seen.client
    for waiter in ("function_exists", "function_active", "function_active_v2"):
        seen.wait(waiter, FunctionName="one")
    client.update_function_configuration(FunctionName="one", MemorySize=256)
    for waiter in ("function_updated", "function_updated_v2"):
        seen.wait(waiter, FunctionName="one")
    for number in range(3):
        with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
            archive.writestr("index.js", f"exports.handler = async () => {number};")
        client.update_function_code(FunctionName="one", ZipFile=buffer.getvalue())
        seen.wait("function_updated_v2", FunctionName="one")
        version = client.publish_version(FunctionName="one")["Version"]
        seen.wait("published_version_active", FunctionName="one", Qualifier=version)
        client.create_alias(
            FunctionName="one", Name=f"alias-{number}", FunctionVersion=version
        )
    seen.paginate("list_functions", "Functions")
    seen.paginate("list_versions_by_function", "Versions", FunctionName="one")
    seen.paginate("list_aliases", "Aliases", FunctionName="one")
    return seen.told()


def logs() -> dict[str, object]:
    seen = Seen("logs")
    client = seen.client
    for number in range(5):
        client.create_log_group(logGroupName=f"/many/{number}")
        client.create_log_stream(
            logGroupName="/many/0", logStreamName=f"stream-{number}"
        )
        client.put_log_events(
            logGroupName="/many/0",
            logStreamName=f"stream-{number}",
            logEvents=[
                {"timestamp": int(time.time() * 1000), "message": f"line {number}"}
            ],
        )
        client.start_query(
            logGroupName="/many/0",
            startTime=0,
            endTime=int(time.time()) + 1,
            queryString=f"limit {number + 1}",
        )
    seen.paginate("describe_log_groups", "logGroups", logGroupNamePrefix="/many/")
    seen.paginate("describe_log_streams", "logStreams", logGroupName="/many/0")
    seen.paginate("filter_log_events", "events", logGroupName="/many/0")
    seen.paginate("describe_queries", "queries", logGroupName="/many/0")
    return seen.told()


def dynamodb() -> dict[str, object]:
    seen = Seen("dynamodb")
    client = seen.client
    seen.wait("table_exists", TableName="one")
    for number in range(5):
        client.put_item(
            TableName="one", Item={"p": {"S": "sheep"}, "s": {"N": str(number)}}
        )
    seen.paginate("list_tables", "TableNames")
    seen.paginate("scan", "Items", TableName="one")
    seen.paginate(
        "query",
        "Items",
        TableName="one",
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": {"S": "sheep"}},
    )
    arn = client.describe_table(TableName="one")["Table"]["TableArn"]
    client.tag_resource(
        ResourceArn=arn,
        Tags=[{"Key": str(number), "Value": "x"} for number in range(3)],
    )
    seen.paginate("list_tags_of_resource", "Tags", {}, ResourceArn=arn)
    boto3.client("cloudformation").delete_stack(StackName="big")
    seen.wait("table_not_exists", TableName="one")
    return seen.told()


def s3() -> dict[str, object]:
    seen = Seen("s3")
    client = seen.client
    for name in ("first-of-three", "second-of-three", "third-of-three"):
        client.create_bucket(Bucket=name)
        seen.wait("bucket_exists", Bucket=name)
    bucket = {"Bucket": "first-of-three"}
    client.put_bucket_versioning(
        **bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    for number in range(5):
        client.put_object(**bucket, Key=f"key-{number}", Body=b"x")
        upload = client.create_multipart_upload(**bucket, Key=f"parts-{number}")[
            "UploadId"
        ]
    for number in range(1, 6):
        client.upload_part(
            **bucket, Key="parts-4", UploadId=upload, PartNumber=number, Body=b"x"
        )
    seen.wait("object_exists", **bucket, Key="key-0")
    seen.paginate("list_buckets", "Buckets")
    seen.paginate("list_objects", "Contents", **bucket)
    seen.paginate("list_objects_v2", "Contents", **bucket)
    seen.paginate("list_object_versions", "Versions", **bucket)
    seen.paginate("list_multipart_uploads", "Uploads", **bucket)
    seen.paginate("list_parts", "Parts", **bucket, Key="parts-4", UploadId=upload)
    client.delete_object(**bucket, Key="key-0")
    seen.wait("object_not_exists", **bucket, Key="key-0")
    client.delete_bucket(Bucket="third-of-three")
    seen.wait("bucket_not_exists", Bucket="third-of-three")
    return seen.told()


def main() -> None:
    print(
        json.dumps(
            {
                "cloudformation": cloudformation(),
                "lambda": functions(),
                "logs": logs(),
                "dynamodb": dynamodb(),
                "s3": s3(),
            }
        )
    )


if __name__ == "__main__":
    main()
