"""The blocks of README.md work as written, beside a running `make run`."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.project import PROJECT
from tests.e2e.project import Project
from tests.e2e.test_run import Run

_README = (PROJECT / "README.md").read_text()


@pytest.fixture
def run(project: Project) -> Iterator[Run]:
    run = Run(project)
    with run.process:
        yield run
        run.process.terminate()
        run.process.communicate(timeout=30)


def block(beginning: str, language: str = "sh") -> str:
    """Return the block of README.md that begins with these words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", _README, re.DOTALL)
    (text,) = [text for text in blocks if text.startswith(beginning)]
    return str(text)


def pasted(run: Run, script: str, config: Path) -> str:
    """Run lines in bash in the project's folder; return what they print."""
    done = subprocess.run(
        ["bash", "-ec", script.replace("8000", str(run.port))],  # noqa: S607
        cwd=run.project.folder,
        env={**run.project.environment, "COFFEE_CONFIG_DIR": str(config)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl_block(run: Run, tmp_path: Path) -> None:
    printed = pasted(run, block("curl -i 'http://127.0.0.1:8000/order"), tmp_path)
    assert re.findall(r"HTTP/1\.\d (\d+)", printed) == ["200", "401", "400"]
    assert "order: is missing" in printed


def test_coffee_and_python_blocks(run: Run, tmp_path: Path) -> None:
    coffee = block("source .venv/bin/activate\ncoffee configure")
    printed = pasted(run, coffee, tmp_path)
    assert "ann-1" in printed
    python = block("from pathlib import Path", "python")
    (tmp_path / "example.py").write_text(python)
    assert pasted(
        run, f". .venv/bin/activate; PYTHONPATH=. python {tmp_path}/example.py", tmp_path
    ) == ("Harbour Coffee\nplaced\n")


def test_every_block_is_tried() -> None:
    """Here, by test_commands.py and test_run.py, or by tests/set_up/plain_chalice.py."""
    blocks = re.findall(r"```(?:sh|python)\n(.*?)\n", _README)
    assert [line.split("   ")[0] for line in blocks] == [
        "make demo",
        "make run",
        "curl -i 'http://127.0.0.1:8000/order?accountid=maria-0&vendorid=v0'",
        "source .venv/bin/activate",
        "from pathlib import Path",
        "pip install -r requirements-local.txt",
    ]
