"""Stands in for Lambda's own runtime: loads a handler, gives it events, counts its CPU.

It is run alone, as `python -I -S -B lambda_runtime.py PACKAGE RUNTIME HANDLER FD [CLIENT]`, and
imports nothing but a little of the standard library, so that what a process costs is what its
handler costs. It reads commands from stdin, JSON a line, and answers them on the file FD:

    {"event": {...}, "count": 1}    send the event so often, with another `{number}` in it each
                                    time; the CPU it took, and the last answer
    {"memory": true}                what of this process is in memory, in KiB
    {"end": true}                   end at once

First it says what loading the handler took. With a CLIENT, such as `boto3:resource`, it says too
how much of that the making of the SDK's client was.
"""

import json
import os
import sys
import time
from importlib import import_module
from itertools import count

cpu = time.process_time


class Context:
    """What Lambda tells a handler about its call."""

    function_name = "orders"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
    memory_limit_in_mb = "512"
    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    log_group_name = "/aws/lambda/orders"
    log_stream_name = "2026/03/01/[$LATEST]58419525dade4d17a495dceeeed44708"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        return 20_000


def memory() -> dict[str, int]:
    """Return how much of this process is in memory, and how much of that is its own, in KiB."""
    names = {"Rss:": "resident", "Private_Clean:": "clean", "Private_Dirty:": "own"}
    with open("/proc/self/smaps_rollup") as lines:  # noqa: PTH123 - pathlib would be in the figures
        words = [line.split() for line in lines]
    return {names[word[0]]: int(word[1]) for word in words if word[0] in names}


def main() -> None:
    """Load the handler, then do as stdin says."""
    package, runtime, handler_name, descriptor, *client = sys.argv[1:]
    sys.path[:0] = [package, runtime]
    spent = {"interpreter": cpu(), "client": 0.0}
    for name in client:  # only where the parts of a start are wanted
        module_name, _, path = name.partition(":")
        *outer, function_name = path.split(".")
        holder: object = import_module(module_name)
        for attribute in outer:
            holder = getattr(holder, attribute)
        make = getattr(holder, function_name)

        def timed(*args: object, **kwargs: object) -> object:
            started = cpu()
            try:
                return make(*args, **kwargs)  # noqa: B023 - there is one at most
            finally:
                spent["client"] += cpu() - started

        setattr(holder, function_name, timed)
    module_name, _, function_name = handler_name.rpartition(".")
    handler = getattr(import_module(module_name), function_name)
    spent["loaded"] = cpu()
    with os.fdopen(int(descriptor), "w") as replies:

        def reply(content: object) -> None:
            replies.write(json.dumps(content) + "\n")
            replies.flush()

        reply({**spent, "modules": len(sys.modules)})
        context, numbers = Context(), count()
        for line in sys.stdin:
            command = json.loads(line)
            if "end" in command:
                os._exit(0)
            if "memory" in command:
                reply(memory())
                continue
            text = json.dumps(command["event"])
            events = [text.replace("{number}", str(next(numbers))) for _ in range(command["count"])]
            answer = ""
            started = cpu()
            for event in events:
                # Lambda's runtime reads an event from JSON, and writes the answer as JSON.
                answer = json.dumps(handler(json.loads(event), context))
            took = cpu() - started
            reply({"cpu": took, "answer": json.loads(answer), "client": spent["client"]})


if __name__ == "__main__":
    main()
