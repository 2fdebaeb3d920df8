"""The notebook: it runs from top to bottom beside a service, and is committed without outputs."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from deploy.project import PROJECT
from local.demo import open_harbour
from local.service import Service
from tests.samples import note_deployed_stage

pytestmark = pytest.mark.slow

_NOTEBOOK = PROJECT / "notebooks/coffee_orders.ipynb"


def as_committed() -> Any:
    return nbformat.read(_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def executed(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the notebook, executed in a folder with the settings of a running service."""
    open_harbour(service)
    folder = tmp_path_factory.mktemp("notebook")
    (folder / ".local").mkdir()
    (folder / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
    notebook = as_committed()
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook


def shown(notebook: Any, heading: str, kind: str = "text/plain") -> str:
    """Return what the first code cell below a heading shows."""
    below = False
    for cell in notebook.cells:
        below = below or (cell.cell_type == "markdown" and heading in cell.source)
        if below and cell.cell_type == "code":
            return "".join(
                output.get("text", "") or output.get("data", {}).get(kind, "")
                for output in cell.outputs
            )
    raise AssertionError(f"no cell below {heading!r}")


def test_each_step_from_sign_up_to_a_rejected_order(executed: Any) -> None:
    assert '"UserConfirmed": false' in shown(executed, "## Create a user")
    assert "Your confirmation code is" in shown(executed, "### Confirm it")
    assert "IdToken" in shown(executed, "## Log in")
    assert '"token_use": "id"' in shown(executed, "A look into the IdToken")
    ordered = shown(executed, "## Order coffee")
    assert (ordered.count("201 "), ordered.count("200 ")) == (4, 4)
    assert '"coffeetype": "Short Black"' in shown(executed, "## Look one up")
    assert '"name": "Harbour Coffee"' in shown(executed, "## The menu of a shop")
    refused = shown(executed, "## The same order without a token")
    assert refused.startswith("401")
    assert "Unauthorized" in refused


def test_json_is_a_tree(executed: Any) -> None:
    tree = shown(executed, "## Look one up", "text/html")
    assert "<details" in tree
    assert "Short Black" in tree


def test_orders_are_a_table_and_a_plot(executed: Any) -> None:
    assert "Flat White" in shown(executed, "## All orders", "text/html")
    assert shown(executed, "## And as a plot", "image/png")


def test_no_output_has_a_token_or_a_password(executed: Any) -> None:
    outputs_only = json.dumps([cell.get("outputs", []) for cell in executed.cells])
    assert "eyJ" not in outputs_only
    assert "aA1$" not in outputs_only


def test_the_committed_notebook_has_no_outputs() -> None:
    notebook = as_committed()
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_one_cell_names_a_deployed_stage(tmp_path: Path) -> None:
    notebook = as_committed()
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("stage =" in cell for cell in cells) == 1
    (tmp_path / "notebooks").mkdir()
    note_deployed_stage(tmp_path)
    notebook.cells = [notebook.cells[2]]
    notebook.cells[0].source = cells[0].replace("stage = None", 'stage = "dev"')
    where = {"metadata": {"path": str(tmp_path / "notebooks")}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=where).execute()
    (shown_settings,) = notebook.cells[0].outputs
    assert "https://x.example/dev" in shown_settings["data"]["text/plain"]
