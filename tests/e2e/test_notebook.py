"""The notebook: run from top to bottom beside a running service, and committed clean."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from deploy.project import PROJECT
from local.service import Service
from tests.samples import note_deployed_stage

_NOTEBOOK = PROJECT / "notebooks/coffee_orders.ipynb"


def as_committed() -> Any:
    return nbformat.read(_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def run(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the notebook in a folder where a `make run` has noted itself; return it, executed."""
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
    """Return what the first cell of code below a heading shows."""
    below = False
    for cell in notebook.cells:
        below = below or (cell.cell_type == "markdown" and heading in cell.source)
        if below and cell.cell_type == "code":
            return "".join(
                output.get("text", "") or output.get("data", {}).get(kind, "")
                for output in cell.outputs
            )
    raise AssertionError(f"no cell below {heading!r}")


def test_it_tells_the_story_from_sign_up_to_a_refusal(run: Any) -> None:
    assert '"UserConfirmed": false' in shown(run, "## Create a user")
    assert "Your confirmation code is" in shown(run, "### Confirm it")
    assert "IdToken" in shown(run, "## Log in")
    assert '"token_use": "id"' in shown(run, "A look into the IdToken")
    ordered = shown(run, "## Order coffee")
    assert (ordered.count("201 "), ordered.count("200 ")) == (4, 4)
    assert '"coffeetype": "Short Black"' in shown(run, "## Look one up")
    refused = shown(run, "## The same order without a token")
    assert refused.startswith("401")
    assert "Unauthorized" in refused


def test_it_shows_json_as_a_tree(run: Any) -> None:
    tree = shown(run, "## Look one up", "text/html")
    assert "<details" in tree
    assert "Short Black" in tree


def test_it_shows_a_table_and_a_plot(run: Any) -> None:
    assert "Flat White" in shown(run, "## All orders", "text/html")
    assert shown(run, "## And as a plot", "image/png")


def test_it_shows_no_token_and_no_password(run: Any) -> None:
    outputs_only = json.dumps([cell.get("outputs", []) for cell in run.cells])
    assert "eyJ" not in outputs_only
    assert "aA1$" not in outputs_only


def test_it_is_committed_without_outputs() -> None:
    notebook = as_committed()
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_a_deployed_stage_is_named_in_one_cell(tmp_path: Path) -> None:
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
