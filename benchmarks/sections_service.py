"""Sections of RESULTS.md: the service alone, what it asks for, how it grows, what made it quick."""

import statistics
from collections.abc import Mapping
from typing import Any

from benchmarks import lambda_sizes, spread
from benchmarks.field import OURS
from benchmarks.growth import Grown
from benchmarks.markdown import table


def where(found: Mapping[str, Any]) -> str:
    """Tell where a warm GET goes."""
    owners = [[name, f"{share:.0%}"] for name, share in found["profile"]["owners"].items()]
    steps = [[name, f"{share:.0%}"] for name, share in found["profile"]["steps"].items()]
    return "\n".join(
        [
            "## Where a warm GET goes\n",
            "By cProfile, in which small functions weigh more than they do, without the calls of"
            " the socket itself. Whose code it is:\n",
            table(["code", "share"], owners),
            "What the SDK does, with all that is called for it. This is what is left of the way to"
            " the floor, and no setting takes any of it away:\n",
            table(["step of botocore's", "share"], steps),
        ]
    )


def asked(found: Mapping[str, Any]) -> str:
    """Tell what a request asks of DynamoDB."""
    rows = [
        [
            each["request"],
            str(each["status"]),
            ", ".join(each["operations"]) or "none",
            f"{each['units']:g}",
            "-"
            if each["units_there"] is None or not each["operations"]
            else f"{each['units_there']:g}",
        ]
        for each in found["asked"]
    ]
    heads = ["request", "answer", "DynamoDB requests", "units", "units, as MiniStack counts"]
    note = (
        "Units by the rules of DynamoDB's developer guide, indexes included: of writing for a"
        " write, of reading for a read. What a refused write costs, MiniStack does not tell.\n"
    )
    return "\n".join(["## What a request asks of DynamoDB\n", table(heads, rows), note])


def growth(found: Mapping[str, Any]) -> str:
    """Tell what a request costs as orders pile up and bodies get longer."""
    grown = [Grown(**each) for each in found["growth"]]
    rows = [
        [
            each.request,
            f"{each.stored:,}",
            str(spread.of(each.cpu)),
            f"{each.operations:g}",
            f"{each.read:g}",
            f"{each.units:g}",
            f"{each.table_cpu:,.0f}",
        ]
        for each in grown
    ]
    there = [
        [
            each.request,
            f"{each.stored:,}",
            str(spread.of(each.cpu)),
            f"{each.table_cpu / 1000:,.1f}",
        ]
        for each in (Grown(**each) for each in found["growth_there"])
    ]
    waited = {when: str(spread.of(cpu)) for when, cpu in found["waited"].items()}
    bodies = [
        [each["body"], f"{each['bytes']:,}", str(each["status"]), str(spread.of(each["cpu"]))]
        for each in found["bodies"]
    ]
    return "\n".join(
        [
            "## Growth\n",
            "A tenth of all orders are in the customer's list, a tenth in the shop's queue. The"
            " table has DynamoDB's keys and indexes on SQLite's B-trees"
            " ([indexed_table.py](indexed_table.py)); its own CPU stands beside the service's.\n",
            table(
                ["request", "stored", "µs of CPU", "requests", "items read", "units", "table's µs"],
                rows,
            ),
            "![CPU of a request by orders stored](growth.svg)\n",
            "MiniStack looks through all items for a list, so on the local cloud an answer takes"
            " longer with every order stored, and waiting is not quite free: a processor comes back"
            f" to cold caches. One and the same page costs {waited['at once']} µs where the table"
            f" answers at once, and {waited['late']} where it answers 30 ms late.\n",
            table(["on the local cloud", "stored", "µs of CPU", "ms until the answer"], there),
            "A body is refused or taken in a time that its length bounds; above 16 KiB nobody reads"
            " it (the event around it is read by Lambda's runtime, which is most of what the"
            " longest cost):\n",
            table(["body", "bytes", "answer", "µs of CPU"], bodies),
        ]
    )


def gave(found: Mapping[str, Any]) -> str:
    """Tell what each change saved."""
    cold, warm, memory = (found[f"changes_{name}"] for name in ("cold", "warm", "memory"))

    def saved(samples: Mapping[str, list[float]], name: str) -> str:
        here, there = samples[OURS.name], samples[name]
        gain = spread.of([theirs - mine for mine, theirs in zip(here, there, strict=True)])
        return f"{round(gain.median):,} ({(1 - spread.ratio(here, there).median):.0%})"

    rows = []
    for name, what in found["changes"]:
        program = f"undone-{name}"
        megabytes = (memory[program]["at rest"] - memory[OURS.name]["at rest"]) / 1024
        kinds = [saved(warm[kind], program) for kind in ("get", "post", "list")]
        rows.append([what, saved(cold, program), *kinds, f"{megabytes:.1f}"])
    heads = ["change", "cold, ms", "GET, µs", "POST, µs", "a page of 20, µs", "memory, MB"]
    return "\n".join(
        [
            "## What each change gave\n",
            "Each is taken back alone in a copy of the package ([changes.py](changes.py)), so that"
            " what it saves is measured in the same rounds; the last row has them all.\n",
            table(heads, rows),
        ]
    )


def sizes(found: Mapping[str, Any]) -> str:
    """Tell what a Lambda function of each size makes of the CPU."""
    parts = found["parts_https"][OURS.name]
    first = parts["first request"]
    load = sum(parts.values()) - first
    usual = statistics.median(found["warm"]["get"][OURS.name]) / 1000
    rows = [
        [
            f"{size.memory}",
            f"{size.load:.0f}",
            f"{size.first:.0f}",
            f"{size.load + size.first:.0f}",
            f"{size.warm:.1f}",
            f"{size.million:.3f}",
            f"{size.million_cold:.2f}",
        ]
        for size in lambda_sizes.reckon(load, first, usual)
    ]
    heads = ["MB", "load, ms", "first request, ms", "cold, ms", "warm, ms", "$ a million warm"]
    return "\n".join(
        [
            "## What a Lambda function of each size makes of it\n",
            f"Reckoned, not measured: {load:.0f} ms of CPU to load, {first:.1f} for the first"
            f" request (HTTPS), {usual:.2f} for a warm one, on a share of one core that grows with"
            " memory up to 1769 MB; loading has a whole core at every size. DynamoDB takes"
            f" {lambda_sizes.DYNAMODB:g} ms. Prices: arm64, us-east-1. Lambda's own start of the"
            " sandbox is not in it.\n",
            table([*heads, "$ a million cold"], rows),
        ]
    )
