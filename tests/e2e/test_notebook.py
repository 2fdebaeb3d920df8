"""The notebook runs beside a service, and shows no secret. It is committed without outputs."""

import json
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
