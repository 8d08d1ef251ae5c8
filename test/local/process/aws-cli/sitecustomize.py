"""Shortens each pause of the AWS CLI to a twentieth. Python imports this file when it starts.

`aws cloudformation deploy` pauses 30 s between two looks at a stack. The local cloud makes the stack within a second.
"""

import time

_sleep = time.sleep


def _short_sleep(seconds: float) -> None:
    _sleep(seconds / 20)


time.sleep = _short_sleep
