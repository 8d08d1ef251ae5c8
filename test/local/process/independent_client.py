"""Drives the local cloud with boto3, which nobody here wrote. argv is the path of the API template.

The endpoint and the credentials come from AWS's own variables. Prints one JSON document of what it saw.
"""

import io
import json
import os
import platform
import sys
import time
import urllib.request
import zipfile

import boto3
from botocore.config import Config

(TEMPLATE,) = sys.argv[1:]
ROUTES = {
    "Cat": "get-cat-ackermann",
    "Sheep": "post-sheep-random",
    "Dog": "get-dog-count",
    "Wolf": "delete-wolf-ocd",
}
STACK = "shed-rust-api"
# A stack takes less than a second.
FAST = {"Delay": 0.25, "MaxAttempts": 240}
CODE = "exports.handler = async () => ({ statusCode: 200, body: '{}' });"

# Both as the demo published them; the runtime is called rust here because they know two languages only.
QUERIES = {
    "published": r"""filter @type = "REPORT"
| fields greatest(@initDuration, 0) + @duration as duration, ispresent(@initDuration) as coldStart
| parse @log /^\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(duration) as avgDuration, min(duration) as minDuration, max(duration) as maxDuration, stddev(duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda, coldStart""",
    "older": r"""filter @type = "REPORT"
| parse @log /^\d+:.*?-(?<Lambda>(rust|python)-.+)$/
| stats count(*) as count,
avg(@duration) as avgDuration, min(@duration) as minDuration, max(@duration) as maxDuration, stddev(@duration) as StdDevDuration,
avg(@billedDuration) as avgBilled, min(@billedDuration) as minBilled, max(@billedDuration) as maxBilled, stddev(@billedDuration) as StdDevBilled,
avg(@maxMemoryUsed / 1024 / 1024) as avgRam, min(@maxMemoryUsed / 1024 / 1024) as minRam, max(@maxMemoryUsed / 1024 / 1024) as maxRam, stddev(@maxMemoryUsed / 1024 / 1024) as StdDevRam
by Lambda""",
}


def client(name):
    return boto3.client(
        name, config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    )


def code_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.js", CODE)
    return buffer.getvalue()


def run_query(logs, query):
    query_id = logs.start_query(
        logGroupNames=[f"/aws/lambda/shed-rust-{name}" for name in ROUTES.values()],
        startTime=int(time.time()) - 60,
        endTime=int(time.time()) + 1,
        queryString=query,
    )["queryId"]
    while True:
        answer = logs.get_query_results(queryId=query_id)
        if answer["status"] not in ("Scheduled", "Running"):
            rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
            return {"status": answer["status"], "rows": rows}
        time.sleep(0.1)


def main():
    seen = {"account": client("sts").get_caller_identity()["Account"]}
    s3, stacks, logs, dynamodb = (
        client(name) for name in ("s3", "cloudformation", "logs", "dynamodb")
    )
    s3.create_bucket(Bucket="assets")
    parameters = {
        "ProjectName": "shed",
        "RuntimeLabel": "rust",
        "LambdaRuntime": "nodejs24.x",
        "Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        "CodeBucket": "assets",
        "ToolVersion": "0.0.0",
    }
    for route, name in ROUTES.items():
        s3.put_object(Bucket="assets", Key=f"{name}.zip", Body=code_zip())
        parameters[f"{route}CodeKey"] = f"{name}.zip"
        parameters[f"{route}Handler"] = "index.handler"
    with open(TEMPLATE, encoding="utf8") as file:
        stacks.create_stack(
            StackName=STACK,
            TemplateBody=file.read(),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
    stacks.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig=FAST
    )
    stack = stacks.describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    seen["created"] = stack["StackStatus"]
    seen["resources"] = len(stacks.list_stack_resources(StackName=STACK)["StackResourceSummaries"])
    base = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{outputs['RestApiId']}/{outputs['StageName']}"
    seen["answers"] = []
    for _ in range(3):
        with urllib.request.urlopen(f"{base}/dog", timeout=10) as answer:
            seen["answers"].append(answer.status)
    dynamodb.put_item(
        TableName=outputs["TableName"],
        Item={"tattoo": {"N": "18446744073709551615"}, "weight": {"N": "80000000000"}},
    )
    seen["sheep"] = dynamodb.scan(TableName=outputs["TableName"])["Items"]
    seen["queries"] = {name: run_query(logs, query) for name, query in QUERIES.items()}
    stacks.delete_stack(StackName=STACK)
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=STACK, WaiterConfig=FAST
    )
    objects = s3.list_objects_v2(Bucket="assets")["Contents"]
    s3.delete_objects(Bucket="assets", Delete={"Objects": [{"Key": one["Key"]} for one in objects]})
    s3.delete_bucket(Bucket="assets")
    seen["leavesTable"] = outputs["TableName"] in dynamodb.list_tables()["TableNames"]
    print(json.dumps(seen))


main()
