"""Deploys three Lambda functions that are no part of the shed, by boto3 alone.

`own-fast` logs to the group that Lambda names after it; `own-slow` and `own-broken` share a group. The endpoint and the
credentials come from AWS's own variables.
"""

import io
import json
import zipfile

import boto3

CODE = """
exports.fast = async (event) => ({ got: event });
exports.slow = async (event) => {
  const end = process.hrtime.bigint() + 12000000n;
  while (process.hrtime.bigint() < end);
  return { got: event };
};
exports.broken = async () => { throw new TypeError('no such table'); };
"""
FAST = {"Delay": 1, "MaxAttempts": 60}


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as files:
        files.writestr("index.js", CODE)
    return buffer.getvalue()


def function(name: str, handler: str, group: str) -> dict[str, object]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Runtime": "nodejs24.x",
            "Handler": f"index.{handler}",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"S3Bucket": "own-code", "S3Key": "code.zip"},
            "MemorySize": 256,
            "Timeout": 5,
            "LoggingConfig": {"LogGroup": {"Ref": group}},
        },
    }


TEMPLATE = {
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
                },
                "Policies": [
                    {
                        "PolicyName": "logs",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                                    "Resource": "*",
                                }
                            ],
                        },
                    }
                ],
            },
        },
        "FastLogs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/own-fast"}},
        "SharedLogs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/own/shared"}},
        "Fast": function("own-fast", "fast", "FastLogs"),
        "Slow": function("own-slow", "slow", "SharedLogs"),
        "Broken": function("own-broken", "broken", "SharedLogs"),
    }
}


def main() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="own-code")
    s3.put_object(Bucket="own-code", Key="code.zip", Body=archive())
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName="own-functions", TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="own-functions", WaiterConfig=FAST)
    names = [each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]]
    print(json.dumps(sorted(names)))


main()
