"""Samples the memory of running processes."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from statistics import median

import psutil

_EVERY = 0.2  # seconds
_MB = 1024 * 1024


class Memory(list[float]):
    """Resident memory in MB, sample after sample."""

    @property
    def settled(self) -> float:
        """Return the median of the second fifth, when everything is warm."""
        return median(self[len(self) // 5 : len(self) * 2 // 5])

    @property
    def at_last(self) -> float:
        """Return the median of the last fifth."""
        return median(self[len(self) * 4 // 5 :])


@contextmanager
def sampled(processes: Iterable[psutil.Process]) -> Iterator[Memory]:
    """Sample the sum over these processes until the block ends."""
    samples, over, watched = Memory(), threading.Event(), list(processes)

    def sample() -> None:
        while not over.wait(_EVERY):
            samples.append(sum(process.memory_info().rss for process in watched) / _MB)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def local_cloud_at(endpoint_url: str) -> psutil.Process:
    """Return the process of a local cloud that this one has started."""
    port = endpoint_url.rpartition(":")[2]
    (found,) = (
        child
        for child in psutil.Process().children()
        if child.environ().get("GATEWAY_PORT") == port
    )
    return found
