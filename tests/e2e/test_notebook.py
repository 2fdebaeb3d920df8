"""The notebook runs beside a service, and is committed without outputs."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from deploy.project import PROJECT
from local.demo import create_shop
from local.service import Service
from tests.samples import note_deployed_stage

pytestmark = pytest.mark.slow

_NOTEBOOK = PROJECT / "notebooks/coffee_orders.ipynb"


def committed_notebook() -> Any:
    return nbformat.read(_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def execute(notebook: Any, folder: Path) -> None:
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


@pytest.fixture(scope="module")
def executed_notebook(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Execute the notebook in a folder with the settings of a service; return it."""
    create_shop(service)
    folder = tmp_path_factory.mktemp("notebook")
    (folder / ".local").mkdir()
    (folder / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
    notebook = committed_notebook()
    execute(notebook, folder)
    return notebook


def output_of(notebook: Any, heading: str, mime_type: str = "text/plain") -> str:
    """Return the output of the first code cell below a heading."""
    is_below = False
    for cell in notebook.cells:
        is_below = is_below or (cell.cell_type == "markdown" and heading in cell.source)
        if is_below and cell.cell_type == "code":
            return "".join(
                output.get("text", "") or output.get("data", {}).get(mime_type, "")
                for output in cell.outputs
            )
    raise AssertionError(f"no cell below {heading!r}")


def test_outputs_from_sign_up_to_a_rejected_order(executed_notebook: Any) -> None:
    assert '"UserConfirmed": false' in output_of(executed_notebook, "## Create a user")
    assert "Your confirmation code is" in output_of(executed_notebook, "### Confirm it")
    assert "IdToken" in output_of(executed_notebook, "## Log in")
    assert '"token_use": "id"' in output_of(executed_notebook, "A look into the IdToken")
    orders = output_of(executed_notebook, "## Order coffee")
    assert (orders.count("201 "), orders.count("200 ")) == (4, 4)
    assert '"coffeetype": "Short Black"' in output_of(executed_notebook, "## Look one up")
    assert '"name": "Harbour Coffee"' in output_of(executed_notebook, "## The menu of a shop")
    response = output_of(executed_notebook, "## The same order without a token")
    assert response.startswith("401")
    assert "Unauthorized" in response


def test_json_is_shown_as_a_tree(executed_notebook: Any) -> None:
    tree = output_of(executed_notebook, "## Look one up", "text/html")
    assert "<details" in tree
    assert "Short Black" in tree


def test_orders_are_shown_as_a_table_and_a_plot(executed_notebook: Any) -> None:
    assert "Flat White" in output_of(executed_notebook, "## All orders", "text/html")
    assert output_of(executed_notebook, "## And as a plot", "image/png")


def test_no_output_has_a_token_or_a_password(executed_notebook: Any) -> None:
    outputs = json.dumps([cell.get("outputs", []) for cell in executed_notebook.cells])
    assert "eyJ" not in outputs
    assert "aA1$" not in outputs


def test_committed_notebook_has_no_outputs() -> None:
    notebook = committed_notebook()
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_one_cell_selects_a_deployed_stage(tmp_path: Path) -> None:
    notebook = committed_notebook()
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("stage =" in cell for cell in cells) == 1
    (tmp_path / "notebooks").mkdir()
    note_deployed_stage(tmp_path)
    notebook.cells = [notebook.cells[2]]
    notebook.cells[0].source = cells[0].replace("stage = None", 'stage = "dev"')
    execute(notebook, tmp_path / "notebooks")
    (settings,) = notebook.cells[0].outputs
    assert "https://x.example/dev" in settings["data"]["text/plain"]
