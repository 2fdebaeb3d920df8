"""A replacement for Lambda's Python runtime that measures the CPU time of a handler.

Usage: `python -I -S -B lambda_runtime.py PACKAGE SDK HANDLER FD`. It imports few modules, so that
the CPU time of the process is that of the handler. It reads a command from each line of stdin, such
as `{"event": {...}, "count": 1}`, and writes replies as lines to the file descriptor FD.
"""

import json
import os
import sys
import time
from importlib import import_module
from types import SimpleNamespace

_CONTEXT = SimpleNamespace(
    function_name="orders",
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:orders",
    memory_limit_in_mb="1024",
    aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    get_remaining_time_in_millis=lambda: 20_000,
)


def main() -> None:
    """Load the handler, and run the commands of stdin."""
    package, sdk, handler_name, descriptor = sys.argv[1:]
    sys.path[:0] = [package, sdk]
    started = time.process_time()
    module_name, _, function_name = handler_name.rpartition(".")
    handler = getattr(import_module(module_name), function_name)
    init = time.process_time() - started
    with os.fdopen(int(descriptor), "w", buffering=1) as replies:
        replies.write(json.dumps({"init": init}) + "\n")
        for line in sys.stdin:
            command = json.loads(line)
            event, response = json.dumps(command["event"]), ""
            started = time.process_time()
            for _ in range(command["count"]):
                # Lambda's runtime also converts from and to JSON.
                response = json.dumps(handler(json.loads(event), _CONTEXT))
            cpu = time.process_time() - started
            replies.write(json.dumps({"cpu": cpu, "answer": json.loads(response)}) + "\n")
    os._exit(0)


main()
