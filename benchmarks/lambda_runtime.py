"""Stands in for Lambda's Python runtime: loads a handler, sends it events, counts its CPU.

`python -I -S -B lambda_runtime.py PACKAGE SDK HANDLER FD` runs it. It imports only a little of
the standard library, so that the CPU of the process is the CPU of the handler. It reads one
command per line from stdin, `{"event": {...}, "count": 1}`, and writes one reply per line to the
file descriptor FD. `{number}` in an event becomes another number each time.
"""

import json
import os
import sys
import time
from importlib import import_module
from itertools import count
from types import SimpleNamespace

_KIB_PER_PAGE = os.sysconf("SC_PAGE_SIZE") // 1024
_CONTEXT = SimpleNamespace(
    function_name="orders",
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:orders",
    memory_limit_in_mb="1024",
    aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    get_remaining_time_in_millis=lambda: 20_000,
)


def main() -> None:
    """Load the handler, then answer stdin's commands."""
    package, sdk, handler_name, descriptor = sys.argv[1:]
    sys.path[:0] = [package, sdk]
    started = time.process_time()
    module_name, _, function_name = handler_name.rpartition(".")
    handler = getattr(import_module(module_name), function_name)
    init = time.process_time() - started
    numbers = count()
    with os.fdopen(int(descriptor), "w", buffering=1) as replies:
        replies.write(json.dumps({"init": init}) + "\n")
        for line in sys.stdin:
            command = json.loads(line)
            text = json.dumps(command["event"])
            events = [text.replace("{number}", str(next(numbers))) for _ in range(command["count"])]
            answer = ""
            started = time.process_time()
            for event in events:
                # Lambda's runtime reads an event from JSON, and writes the answer as JSON.
                answer = json.dumps(handler(json.loads(event), _CONTEXT))
            cpu = time.process_time() - started
            with open("/proc/self/statm") as pages:  # noqa: PTH123 - pathlib would cost memory
                resident = int(pages.read().split()[1]) * _KIB_PER_PAGE
            reply = {"cpu": cpu, "answer": json.loads(answer), "resident": resident}
            replies.write(json.dumps(reply) + "\n")
    os._exit(0)


main()
