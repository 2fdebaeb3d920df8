"""What each size of a Lambda function makes of the measured CPU: latency, and money.

Lambda gives a function CPU by its memory: one core at 1769 MB, a share of it below. It gives a
whole core while the function loads (the init phase), and bills that too.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from typing import NamedTuple

SIZES = (128, 256, 512, 1024, 1769)  # MB
DYNAMODB = 5.0  # ms that a request waits for the table; it burns no CPU, but is billed
_CORE = 1769  # MB that come with one core
_GB_SECOND = 0.0000133334  # dollars, arm64


class Size(NamedTuple):
    """Latencies in ms, and dollars for a million."""

    memory: int
    load: float
    first: float
    warm: float
    million: float
    million_cold: float


def reckon(load: float, first: float, warm: float) -> list[Size]:
    """Return what each size makes of the CPU, in ms, of loading, a first and a usual request."""
    sizes = []
    for memory in SIZES:
        share = min(1.0, memory / _CORE)
        price = memory / 1024 * _GB_SECOND / 1000  # dollars a ms
        first_takes, warm_takes = first / share + DYNAMODB, warm / share + DYNAMODB
        sizes.append(
            Size(
                memory,
                load,
                first_takes,
                warm_takes,
                warm_takes * price * 1e6,
                (load + first_takes) * price * 1e6,
            )
        )
    return sizes
