"""The compared programs. Each serves `POST /order` and `GET /order` from one table."""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent


class Program(NamedTuple):
    """A program. `name` is its folder in `variants/` and its key in results.json."""

    name: str
    label: str
    get_handler: str = "app.handler"
    post_handler: str = "app.handler"
    shared: str | None = None  # the file of variants/shared that it needs

    @property
    def folder(self) -> Path:
        """Return the folder with its files."""
        return FOLDER / "variants" / self.name


COFFEE_ORDERS = Program("ours", "Coffee orders", "app.app", "app.app")
BASELINE = COFFEE_ORDERS._replace(name="baseline", label="Coffee orders, before")
BARE = Program("bare", "(a) two bare functions", "app.get_order", "app.post_order")
CHALICE = Program("chalice_sample", "(b) Chalice, as its samples", "app.app", "app.app")
POWERTOOLS = Program("powertools", "(c) Powertools, pydantic", shared="order_models.py")
FASTAPI = Program("fastapi_mangum", "(d) FastAPI, Mangum", shared="order_models.py")

PEERS = (BARE, CHALICE, POWERTOOLS, FASTAPI)
