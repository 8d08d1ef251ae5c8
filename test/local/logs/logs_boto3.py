"""Writes log events, runs queries and reads errors with boto3. argv is the JSON of the group, the events and the queries.

The endpoint and the credentials come from AWS's own variables. Prints one JSON object of what it saw.
"""

import json
import sys
import time

import boto3

logs = boto3.client("logs")
given = json.loads(sys.argv[1])
group = given["group"]
logs.create_log_group(logGroupName=group, tags={"shedbench:project": "sheepshed"})
logs.put_retention_policy(logGroupName=group, retentionInDays=7)
logs.create_log_stream(logGroupName=group, logStreamName="stream")
put = logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=given["events"])
groups = [page for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)][0][
    "logGroups"
]
events = [
    event
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="REPORT")
    for event in page["events"]
]


def query(text):
    now = int(time.time())
    started = logs.start_query(
        logGroupNames=[group], startTime=now - 3600, endTime=now + 60, queryString=text
    )
    while True:
        answer = logs.get_query_results(queryId=started["queryId"])
        if answer["status"] not in ("Scheduled", "Running"):
            return {
                "status": answer["status"],
                "statistics": answer["statistics"],
                "rows": [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]],
            }
        time.sleep(0.05)


results = [query(text) for text in given["queries"]]
try:
    logs.start_query(logGroupName=group, startTime=0, endTime=1, queryString="fields a | unnest b")
    error = None
except logs.exceptions.MalformedQueryException as thrown:
    error = {"code": thrown.response["Error"]["Code"], "compile": thrown.response["queryCompileError"]}
try:
    logs.start_query(logGroupName="/nowhere", startTime=0, endTime=1, queryString="fields a")
    missing = None
except logs.exceptions.ResourceNotFoundException as thrown:
    missing = str(thrown)
tags = logs.list_tags_for_resource(resourceArn=groups[0]["logGroupArn"])["tags"]
logs.delete_log_group(logGroupName=group)
print(
    json.dumps(
        {
            "rejected": put.get("rejectedLogEventsInfo"),
            "groups": groups,
            "events": len(events),
            "results": results,
            "error": error,
            "missing": missing,
            "tags": tags,
            "left": len(logs.describe_log_groups()["logGroups"]),
        }
    )
)
