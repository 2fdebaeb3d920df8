"""The notebook runs from top to bottom beside a service, and is committed without outputs."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from deploy.project import PROJECT
from local.demo import open_harbour
from local.service import Service
from tests.samples import record_deployed_stage

pytestmark = pytest.mark.slow

_NOTEBOOK = PROJECT / "notebooks/coffee_orders.ipynb"


def committed_notebook() -> Any:
    return nbformat.read(_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def execute(notebook: Any, folder: Path) -> None:
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


@pytest.fixture(scope="module")
def executed(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the notebook, executed in a folder with the settings of a running service."""
    open_harbour(service)
    folder = tmp_path_factory.mktemp("notebook")
    (folder / ".local").mkdir()
    (folder / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
    notebook = committed_notebook()
    execute(notebook, folder)
    return notebook


def output_of(notebook: Any, heading: str, kind: str = "text/plain") -> str:
    """Return the output of the first code cell below a heading."""
    below = False
    for cell in notebook.cells:
        below = below or (cell.cell_type == "markdown" and heading in cell.source)
        if below and cell.cell_type == "code":
            return "".join(
                output.get("text", "") or output.get("data", {}).get(kind, "")
                for output in cell.outputs
            )
    raise AssertionError(f"no cell below {heading!r}")


def test_outputs_from_sign_up_to_a_rejected_order(executed: Any) -> None:
    assert '"UserConfirmed": false' in output_of(executed, "## Create a user")
    assert "Your confirmation code is" in output_of(executed, "### Confirm it")
    assert "IdToken" in output_of(executed, "## Log in")
    assert '"token_use": "id"' in output_of(executed, "A look into the IdToken")
    ordered = output_of(executed, "## Order coffee")
    assert (ordered.count("201 "), ordered.count("200 ")) == (4, 4)
    assert '"coffeetype": "Short Black"' in output_of(executed, "## Look one up")
    assert '"name": "Harbour Coffee"' in output_of(executed, "## The menu of a shop")
    refused = output_of(executed, "## The same order without a token")
    assert refused.startswith("401")
    assert "Unauthorized" in refused


def test_json_is_shown_as_a_tree(executed: Any) -> None:
    tree = output_of(executed, "## Look one up", "text/html")
    assert "<details" in tree
    assert "Short Black" in tree


def test_orders_are_shown_as_a_table_and_a_plot(executed: Any) -> None:
    assert "Flat White" in output_of(executed, "## All orders", "text/html")
    assert output_of(executed, "## And as a plot", "image/png")


def test_no_output_has_a_token_or_a_password(executed: Any) -> None:
    outputs = json.dumps([cell.get("outputs", []) for cell in executed.cells])
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
    record_deployed_stage(tmp_path)
    notebook.cells = [notebook.cells[2]]
    notebook.cells[0].source = cells[0].replace("stage = None", 'stage = "dev"')
    execute(notebook, tmp_path / "notebooks")
    (settings,) = notebook.cells[0].outputs
    assert "https://x.example/dev" in settings["data"]["text/plain"]
