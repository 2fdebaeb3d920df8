"""The outputs of the notebook beside a running service. It is committed without outputs."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from local.demo import create_shop
from local.service import Service
from tests.samples import record_deployed_stage
from tools.project import PROJECT

pytestmark = pytest.mark.slow

_NOTEBOOK = PROJECT / "notebooks/coffee_orders.ipynb"


def committed_notebook() -> Any:
    return nbformat.read(_NOTEBOOK, as_version=4)


def execute(notebook: Any, folder: Path) -> None:
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


@pytest.fixture(scope="module")
def executed_notebook(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the notebook, executed in a folder with the settings of a running service."""
    create_shop(service)
    folder = tmp_path_factory.mktemp("notebook")
    (folder / ".local").mkdir()
    (folder / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
    notebook = committed_notebook()
    execute(notebook, folder)
    return notebook


def output_below(notebook: Any, heading: str, mime_type: str) -> str:
    """Return the output of the first code cell below a heading."""
    cells = iter(notebook.cells)
    next(cell for cell in cells if cell.cell_type == "markdown" and heading in cell.source)
    code_cell = next(cell for cell in cells if cell.cell_type == "code")
    return "".join(
        output.get("text", "") or output.get("data", {}).get(mime_type, "")
        for output in code_cell.outputs
    )


@pytest.mark.parametrize(
    ("heading", "mime_type", "pattern"),
    [
        ("## Create a user", "text/plain", '"UserConfirmed": false'),
        ("### Confirm it", "text/plain", "Your confirmation code is"),
        ("## Log in", "text/plain", "IdToken"),
        ("A look into the IdToken", "text/plain", '"token_use": "id"'),
        ("## Order coffee", "text/plain", r"^(201 .+\n){4}(200 .+\n){4}"),
        ("## Look one up", "text/plain", '"coffeetype": "Short Black"'),
        ("## Look one up", "text/html", "<details.*Short Black"),
        ("## The menu of a shop", "text/plain", '"name": "Harbour Coffee"'),
        ("## The same order without a token", "text/plain", "(?s)^401.*Unauthorized"),
        ("## All orders", "text/html", "Flat White"),
        ("## And as a plot", "image/png", "."),
    ],
)
def test_cell_has_its_output(
    executed_notebook: Any, heading: str, mime_type: str, pattern: str
) -> None:
    assert re.search(pattern, output_below(executed_notebook, heading, mime_type))


def test_no_output_has_a_token_or_a_password(executed_notebook: Any) -> None:
    outputs = json.dumps([cell.get("outputs", []) for cell in executed_notebook.cells])
    assert "eyJ" not in outputs
    assert "aA1$" not in outputs


def test_committed_notebook_has_no_outputs() -> None:
    notebook = committed_notebook()
    nbformat.validate(notebook)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code_cells)


def test_one_cell_selects_a_deployed_stage(tmp_path: Path) -> None:
    notebook = committed_notebook()
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("stage =" in cell for cell in cells) == 1
    (tmp_path / "notebooks").mkdir()
    record_deployed_stage(tmp_path)
    notebook.cells = [notebook.cells[2]]
    notebook.cells[0].source = cells[0].replace("stage = None", 'stage = "dev"')
    execute(notebook, tmp_path / "notebooks")
    (settings,) = notebook.cells[0].outputs
    assert "https://x.example/dev" in settings["data"]["text/plain"]
