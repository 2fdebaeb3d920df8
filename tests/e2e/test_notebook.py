"""The outputs of the notebook beside a running service. It is committed without outputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.cli import create_shop
from local.service import Service
from tools.project import PROJECT

pytestmark = pytest.mark.slow

_EXPECTED = {
    "## Create a user": '"UserConfirmed": false',
    "### Confirm it": "Your confirmation code is",
    "## Log in": "IdToken",
    "A look into the IdToken": '"token_use": "id"',
    "## Order coffee": "200",
    "## Look one up": "application/json",
    "## The menu of a shop": '"name": "Harbour Coffee"',
    "## The same order without a token": "401",
    "## All orders": "Flat White",
    "## And as a plot": "image/png",
}


def committed_notebook() -> Any:
    import nbformat  # noqa: PLC0415 - only `make test-slow` installs it

    return nbformat.read(PROJECT / "notebooks/coffee_orders.ipynb", as_version=4)


def execute(notebook: Any, folder: Path) -> None:
    from nbclient import NotebookClient  # noqa: PLC0415

    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


def test_cells_have_their_outputs_and_no_secret(service: Service, tmp_path: Path) -> None:
    create_shop(service)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
    notebook = committed_notebook()
    execute(notebook, tmp_path)
    outputs, heading = {}, ""
    for cell in notebook.cells:
        if cell.cell_type == "code" and heading:
            outputs[heading] = json.dumps(cell.outputs, ensure_ascii=False).replace("\\", "")
        heading = cell.source if cell.cell_type == "markdown" else ""
    for title, text in _EXPECTED.items():
        (output,) = [output for source, output in outputs.items() if title in source]
        assert text in output, title
    assert not [output for output in outputs.values() if "eyJ" in output or "aA1$" in output]


def test_committed_notebook_has_no_outputs() -> None:
    cells = [cell for cell in committed_notebook().cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
