"""Holds the local cloud against AWS's models as botocore carries them.

The endpoint and the credentials come from AWS's own variables. Prints one JSON document of what it saw. The transfers
are those of the AWS CLI, which uses the same library.
"""

import json
import os
import re
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# From this size on the AWS CLI and boto3 send an object in parts, and copy it in parts.
LARGE = os.urandom(9 * 1024 * 1024)


def client(name):
    return boto3.client(
        name, config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    )


def error_of(call):
    try:
        call()
    except ClientError as error:
        return error.response
    return {}


def pattern_of(dynamodb):
    """The pattern that the model gives for a table's id."""
    description = dynamodb.meta.service_model.shape_for("TableDescription")
    return description.members["TableId"].metadata.get(
        "pattern", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    )


def transfers(s3):
    s3.create_bucket(Bucket="large")
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/source", f"{folder}/target"
        with open(source, "wb") as file:
            file.write(LARGE)
        s3.upload_file(source, "large", "a.zip")
        s3.copy({"Bucket": "large", "Key": "a.zip"}, "large", "copy.zip")
        s3.download_file("large", "copy.zip", target)
        with open(target, "rb") as file:
            same = file.read() == LARGE
    uploads = s3.list_multipart_uploads(Bucket="large").get("Uploads", [])
    return {"same": same, "parts": s3.head_object(Bucket="large", Key="a.zip")["ETag"], "left": uploads}


def main():
    s3, lambdas, dynamodb = client("s3"), client("lambda"), client("dynamodb")
    seen = {"transfers": transfers(s3)}
    s3.create_bucket(Bucket="other")
    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1}))
    names = [one["Name"] for page in pages for one in page["Buckets"]]
    # Another client of this cloud may have left a bucket.
    seen["buckets"] = [name for name in names if name in ("large", "other")]
    seen["onePerPage"] = len(names) == len(pages)
    missing = error_of(lambda: lambdas.get_function(FunctionName="nobody"))
    seen["lambda"] = {"Type": missing.get("Type"), "Message": missing.get("Message")}
    table = {
        "TableName": "shed",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "tattoo", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "tattoo", "KeyType": "HASH"}],
    }
    made = dynamodb.create_table(**table)["TableDescription"]["TableId"]
    described = dynamodb.describe_table(TableName="shed")["Table"]["TableId"]
    twice = error_of(lambda: dynamodb.create_table(**table))["Error"]
    seen["table"] = {
        "isUuid": re.fullmatch(pattern_of(dynamodb), made) is not None,
        "same": made == described,
        "twice": [twice["Code"], twice["Message"]],
    }
    dynamodb.delete_table(TableName="shed")
    print(json.dumps(seen))


main()
