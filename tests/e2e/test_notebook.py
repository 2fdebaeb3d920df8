"""The notebook runs beside a service, and shows no secret. It is committed without outputs."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from local.cli import create_shop
from local.service import Service
from tools.project import PROJECT

pytestmark = pytest.mark.slow

# In this order: a sign-up, the mail, the claims, orders, look-ups, a menu, a 401, a list, a plot.
_EXPECTED = ["UserConfirmed", "Your confirmation code is", '"token_use": "id"', "200"]
_EXPECTED += ["application/json", '"name": "Harbour Coffee"', "401", "Flat White", "image/png"]


def test_cells_have_their_outputs_and_no_secret(service: Service, tmp_path: Path) -> None:
    import nbformat  # noqa: PLC0415 - only `make test-slow` installs it
    from nbclient import NotebookClient  # noqa: PLC0415

    notebook: Any = nbformat.read(PROJECT / "notebooks/coffee_orders.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
    create_shop(service)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = json.dumps([cell.outputs for cell in cells], ensure_ascii=False).replace("\\", "")
    for text in _EXPECTED:
        assert text in outputs
        outputs = outputs[outputs.index(text) :]
    for secret in ("eyJ", "aA1$"):
        assert secret not in json.dumps([cell.outputs for cell in cells])


def test_trees_are_readable_in_both_themes() -> None:
    """JupyterLab renders them in colours of its theme; the notebook replaces the only pale one."""
    source = (PROJECT / "notebooks/coffee_orders.ipynb").read_text()
    replacement = re.findall(r"--jp-mirror-editor-comment-color: var\((--[\w-]+)\)", source)[0]
    for theme in ("light", "dark"):
        path = f"share/jupyter/lab/themes/@jupyterlab/theme-{theme}-extension/index.css"
        css = dict(re.findall(r"(--[\w-]+): *([^;]+);", (Path(sys.prefix) / path).read_text()))
        *background, _ = _colour(css["--jp-layout-color0"])
        *text, alpha = _colour(css[replacement])
        blend = [alpha * a + (1 - alpha) * b for a, b in zip(text, background, strict=True)]
        dark, light = sorted(map(_luminance, (blend, background)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def _colour(value: str) -> list[float]:
    """Return the red, green, blue and alpha of a colour in CSS, from 0 to 1."""
    if value.startswith("rgba("):
        *rgb, alpha = map(float, re.findall(r"[\d.]+", value))
        return [*(channel / 255 for channel in rgb), alpha]
    digits = value.replace("white", "#fff").removeprefix("#")
    return [*(int(digit, 16) / 15 for digit in digits), 1.0]


def _luminance(rgb: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
