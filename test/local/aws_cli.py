"""Runs commands of the AWS CLI one after the other in one process, as its program `aws` runs one.

Each line of the standard input is a command: the JSON list of its arguments. Each line of the standard output is its
ending: a JSON object of the exit code and of what the command wrote to its two streams.

Every pause of the CLI is shortened to a twentieth. `aws cloudformation deploy` pauses 30 s between two looks at a stack,
and the local cloud makes the stack within a second.
"""

import contextlib
import io
import json
import sys
import time

from awscli.clidriver import create_clidriver

_sleep = time.sleep
time.sleep = lambda seconds: _sleep(seconds / 20)

# One driver for all commands: it keeps the plugins and the models of the services, half of the time of a command.
driver = create_clidriver()


def run(arguments: list[str]) -> dict[str, object]:
    # The CLI writes text to a stream and bytes to its buffer.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = driver.main(arguments)
        except SystemExit as ending:
            code = ending.code
    written = (stream.buffer.getvalue().decode() for stream in (out, err))
    return dict(zip(("code", "stdout", "stderr"), (code, *written), strict=True))


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
