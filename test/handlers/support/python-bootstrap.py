"""What Lambda's Python runtime does, as far as the shed's functions can tell."""

import importlib
import json
import os
import sys
import urllib.request

sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
module, name = os.environ["_HANDLER"].rsplit(".", 1)
handler = getattr(importlib.import_module(module), name)
base = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{base}/next") as following:
        request_id = following.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(following)
    answer = json.dumps(handler(event, None)).encode()
    urllib.request.urlopen(f"{base}/{request_id}/response", data=answer).close()
