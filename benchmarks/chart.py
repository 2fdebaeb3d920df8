"""Plots as SVG, drawn by hand: bars beside each other, and lines over stored orders."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from benchmarks.spread import Spread

_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.dim { fill: #57606a }
.bar { fill: #8c959f } .ours { fill: #0969da }
.line { fill: none; stroke-width: 2 }
.rule, .spread { stroke: #8c959f; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .dim { fill: #9198a1 }
  .bar { fill: #656c76 } .ours { fill: #4493f8 } .spread { stroke: #e6edf3 }
}
</style>"""
_WIDTH, _ROW, _LABEL, _LENGTH = 800, 20, 190, 430


class Panel(NamedTuple):
    """Bars of one kind of figure, by program; the first is ours."""

    title: str
    bars: Mapping[str, Spread]


def bars(panels: Sequence[Panel]) -> str:
    """Draw panels below each other."""
    drawn, y = [], 24
    for panel in panels:
        drawn.append(f'<text class="title" x="8" y="{y}">{escape(panel.title)}</text>')
        longest = max(spread.high for spread in panel.bars.values())
        for number, (label, spread) in enumerate(panel.bars.items()):
            y += _ROW
            low, median, high = (value / longest * _LENGTH for value in spread)
            middle, beside = y - 4, f'x="{_LABEL + high + 8:.1f}" y="{y}"'
            drawn += [
                f'<text x="{_LABEL - 8}" y="{y}" text-anchor="end">{escape(label)}</text>',
                f'<rect class="bar{" ours" if number == 0 else ""}" x="{_LABEL}" y="{y - 11}"'
                f' width="{median:.1f}" height="14" rx="2"/>',
                f'<path class="spread" d="M{_LABEL + low:.1f} {middle}H{_LABEL + high:.1f}"/>',
                f'<text class="dim" {beside}>{escape(str(spread))}</text>',
            ]
        y += 36
    return _svg(y - 16, drawn)


def lines(title: str, series: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """Draw figures over a number that grows by powers of ten."""
    colours = ("#0969da", "#8250df", "#2da44e", "#d4712c", "#bf3989")
    highest = max(y for points in series.values() for _, y in points)
    numbers = sorted({x for points in series.values() for x, _ in points})
    left, right, top, bottom = 70, 500, 40, 240

    def place(x: float, y: float) -> tuple[float, float]:
        first, last = math.log10(numbers[0]), math.log10(numbers[-1])
        along = (math.log10(x) - first) / (last - first or 1)
        return left + along * (right - left), bottom - y / highest * (bottom - top)

    drawn = [
        f'<text class="title" x="8" y="20">{escape(title)}</text>',
        f'<path class="rule" d="M{left} {bottom}H{right}M{left} {bottom}V{top}"/>',
        f'<text class="dim" x="{left - 8}" y="{top + 4}" text-anchor="end">{highest:,.0f}</text>',
        f'<text class="dim" x="{left - 8}" y="{bottom}" text-anchor="end">0</text>',
    ]
    for number in numbers:
        x, _ = place(number, 0)
        at = f'x="{x:.0f}" y="{bottom + 18}" text-anchor="middle"'
        drawn.append(f'<text class="dim" {at}>{number:,}</text>')
    lowest = float(bottom + _ROW)  # where the last label ended: the next goes above it
    ends = sorted(zip(colours, series.items(), strict=False), key=lambda line: line[1][1][-1][1])
    for colour, (label, points) in ends:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in points))
        lowest = min(place(*points[-1])[1] + 4, lowest - _ROW)
        drawn.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        drawn.append(f'<text x="{right + 10}" y="{lowest:.1f}" style="fill:{colour}">')
        drawn.append(f"{escape(label)}</text>")
    return _svg(bottom + 30, drawn)


def _svg(height: int, drawn: Sequence[str]) -> str:
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    content = "\n".join(drawn)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{_STYLE}\n{content}\n</svg>\n'
