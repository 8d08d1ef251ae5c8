"""Creates, describes, updates and deletes the templates by boto3: a client that nobody here wrote.

Prints one JSON object of what it saw; the endpoint and the credentials come from AWS's own variables.
"""

import io
import json
import sys
import zipfile

import boto3
from botocore.exceptions import ClientError, WaiterError

# A stack takes less than a second.
FAST = {"Delay": 0.25, "MaxAttempts": 240}
ROUTES = ("Cat", "Sheep", "Dog", "Wolf")


def code() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.js", "exports.handler = async () => ({ statusCode: 200 });")
    return buffer.getvalue()


def refusal(call, **arguments) -> list[str]:
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    raise AssertionError("was not refused")


def main() -> None:
    api, assets, architecture = sys.argv[1:]
    cloudformation = boto3.client("cloudformation")
    seen: dict[str, object] = {}

    cloudformation.create_stack(
        StackName="boto-assets",
        TemplateBody=assets,
        Parameters=[
            {"ParameterKey": "ProjectName", "ParameterValue": "boto"},
            {"ParameterKey": "ToolVersion", "ParameterValue": "0.1.0"},
        ],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="boto-assets", WaiterConfig=FAST)
    stack = cloudformation.describe_stacks(StackName="boto-assets")["Stacks"][0]
    bucket = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}["BucketName"]
    boto3.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=code())

    seen["validated"] = cloudformation.validate_template(TemplateBody=api)["Capabilities"]
    seen["summary"] = sorted(cloudformation.get_template_summary(TemplateBody=api)["ResourceTypes"])

    values = {
        "ProjectName": "boto",
        "RuntimeLabel": "node",
        "LambdaRuntime": "nodejs24.x",
        "Architecture": architecture,
        "CodeBucket": bucket,
        "ToolVersion": "0.1.0",
        **{f"{route}CodeKey": "code.zip" for route in ROUTES},
        **{f"{route}Handler": "index.handler" for route in ROUTES},
    }
    request = {
        "StackName": "boto-node-api",
        "TemplateBody": api,
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    }
    seen["capabilities"] = refusal(
        cloudformation.create_stack, **{key: value for key, value in request.items() if key != "Capabilities"}
    )
    change_set = cloudformation.create_change_set(ChangeSetName="make", ChangeSetType="CREATE", **request)
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=change_set["Id"], WaiterConfig=FAST
    )
    described = cloudformation.describe_change_set(ChangeSetName=change_set["Id"])
    seen["changes"] = len(described["Changes"])
    cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="boto-node-api", WaiterConfig=FAST
    )
    stack = cloudformation.describe_stacks(StackName="boto-node-api")["Stacks"][0]
    seen["status"] = stack["StackStatus"]
    seen["outputs"] = len(stack["Outputs"])
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName="boto-node-api")
    seen["resources"] = sum(len(page["StackResourceSummaries"]) for page in pages)
    events = [
        event["ResourceStatus"]
        for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName="boto-node-api")
        for event in page["StackEvents"]
    ]
    seen["events"] = {status: events.count(status) for status in sorted(set(events))}
    seen["template"] = cloudformation.get_template(StackName="boto-node-api")["TemplateBody"] == api

    seen["noUpdates"] = refusal(cloudformation.update_stack, **request)
    cloudformation.create_change_set(ChangeSetName="nothing", **request)
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(
            ChangeSetName="nothing", StackName="boto-node-api", WaiterConfig=FAST
        )
    except WaiterError as error:
        seen["empty"] = error.last_response["StatusReason"]

    wider = [
        {**parameter, "ParameterValue": "256"} if parameter["ParameterKey"] == "MemorySize" else parameter
        for parameter in [*request["Parameters"], {"ParameterKey": "MemorySize", "ParameterValue": "256"}]
    ]
    cloudformation.update_stack(**{**request, "Parameters": wider})
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="boto-node-api", WaiterConfig=FAST
    )

    cloudformation.delete_stack(StackName="boto-node-api")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig=FAST)
    seen["gone"] = refusal(cloudformation.describe_stacks, StackName="boto-node-api")
    seen["deleted"] = cloudformation.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"]

    boto3.client("s3").delete_object(Bucket=bucket, Key="code.zip")
    cloudformation.delete_stack(StackName="boto-assets")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="boto-assets", WaiterConfig=FAST)
    json.dump(seen, sys.stdout)


main()
