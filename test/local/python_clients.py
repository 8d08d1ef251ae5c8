"""Runs scripts with boto3 and commands of the AWS CLI one after the other in one process.

Each line of the standard input is a task, a JSON object: `{"aws": [argument, ...]}` is a command of the AWS CLI, run as
its program `aws` runs it, and `{"script": path, "arguments": [argument, ...]}` is a script. Each line of the standard
output is the ending of a task: a JSON object of the exit code and of what the task wrote to its two streams.

Every pause of the AWS CLI is shortened to a twentieth. `aws cloudformation deploy` pauses 30 s between two looks at a
stack, and the local cloud makes the stack within a second.
"""

import contextlib
import functools
import io
import json
import runpy
import sys
import time
import traceback
from unittest import mock

_sleep = time.sleep


@functools.cache
def driver():
    """One driver for all commands: it keeps the plugins and the models of the services, half of a command's time."""
    from awscli.clidriver import create_clidriver  # imported only where a test uses it: it takes 0.3 s of CPU

    return create_clidriver()


def run_aws(arguments: list[str]) -> int:
    with mock.patch("time.sleep", lambda seconds: _sleep(seconds / 20)):
        return driver().main(arguments)


def run_script(path: str, arguments: list[str]) -> int:
    with mock.patch.object(sys, "argv", [path, *arguments]):
        runpy.run_path(path, run_name="__main__")
    return 0


def run(task: dict) -> dict[str, object]:
    # The CLI writes text to a stream and bytes to its buffer.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run_aws(task["aws"]) if "aws" in task else run_script(task["script"], task["arguments"])
        except SystemExit as ending:
            code = ending.code
        except Exception:
            traceback.print_exc()
            code = 1
    written = (stream.buffer.getvalue().decode() for stream in (out, err))
    return dict(zip(("code", "stdout", "stderr"), (code, *written), strict=True))


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
