"""What a shop is: its menu, whether it is open, and which orders it accepts.

This module imports nothing of AWS. Its errors are those of Chalice, with an HTTP status. A vendor
without a published menu is not a shop: customers may order anything from it, at the price that they
send.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, NoReturn

from chalice import BadRequestError
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from chalicelib.errors import NotOnMenuError, ShopClosedError, SoldOutError
from chalicelib.orders import (
    TEXT,
    AcceptedPrice,
    Id,
    Name,
    Price,
    RequestedDetails,
    RequestedOrder,
)
from chalicelib.text import same_name

MAX_COFFEES = 50
MAX_WAITING = 100  # a shop with more orders than this has one more
Note = Annotated[str, Meta(max_length=100, pattern=rf"{TEXT}|^$(?!\n)")]
CURRENCY = r"^[A-Z]{3}(?!\n)$"  # as in ISO 4217
Currency = Annotated[str, Meta(pattern=CURRENCY)]


class Size(Struct, frozen=True, forbid_unknown_fields=True):
    """A size in which a coffee is sold, and its price for one cup."""

    coffeesize: Name
    unitprice: Price


class Coffee(Struct, frozen=True, forbid_unknown_fields=True):
    """A coffee on a menu that is published."""

    coffeetype: Name
    sizes: Annotated[list[Size], Meta(min_length=1, max_length=5)]

    def __post_init__(self) -> None:
        """Reject a coffee that has a size twice."""
        names = [size.coffeesize for size in self.sizes]
        if (index := repetition(names)) is not None:
            raise ValueError(f"{self.coffeetype} has {names[index]} twice")


class ShopContent(Struct, frozen=True, forbid_unknown_fields=True):
    """What staff publish as a whole: name, currency and menu."""

    name: Name
    currency: Currency
    menu: Annotated[list[Coffee], Meta(min_length=1, max_length=MAX_COFFEES)]

    def coffees(self) -> dict[str, Coffee]:
        """Return the coffees by their names in the form of `same_name`."""
        return {same_name(coffee.coffeetype): coffee for coffee in self.menu}


class ShopChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What staff change during the day. A field that is UNSET does not change.

    `soldout` has the coffees that are sold out from now on (true) or available again (false). The
    others do not change.
    """

    open: bool | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    soldout: Annotated[dict[Name, bool], Meta(max_length=MAX_COFFEES)] | UnsetType = UNSET


class OfferedCoffee(Struct, frozen=True):
    """A coffee on the menu, and whether it is sold out."""

    coffeetype: Name
    soldout: bool
    sizes: list[Size]


class Shop(Struct, frozen=True):
    """A shop that has published a menu. A lookup has the number of orders that are waiting."""

    vendorid: Id
    name: Name
    currency: Currency
    open: bool
    note: Note
    menu: list[OfferedCoffee]
    waiting: Annotated[int, Meta(ge=0, le=MAX_WAITING + 1)] | UnsetType = UNSET

    def price_of(self, details: RequestedDetails) -> Price:
        """Return the price for one cup.

        Raises ShopClosedError, NotOnMenuError or SoldOutError.
        """
        if not self.open:
            note = f": {self.note}" if self.note else ""
            raise ShopClosedError(f"order.vendorid: {self.name} is closed{note}")
        coffees = {same_name(coffee.coffeetype): coffee for coffee in self.menu}
        coffee = coffees.get(same_name(details.coffeetype))
        if coffee is None:
            names = [coffee.coffeetype for coffee in self.menu]
            _raise_not_on_menu("coffeetype", "the menu has", names)
        prices = {same_name(size.coffeesize): size.unitprice for size in coffee.sizes}
        price = prices.get(same_name(details.coffeesize))
        if price is None:
            names = [size.coffeesize for size in coffee.sizes]
            _raise_not_on_menu("coffeesize", f"{coffee.coffeetype} comes in", names)
        if coffee.soldout:
            raise SoldOutError(f"order.details.coffeetype: {coffee.coffeetype} is sold out")
        if details.unitprice is UNSET:
            return price
        if Decimal(details.unitprice) != Decimal(price):
            cup = f"a {details.coffeesize} {details.coffeetype} is"
            _raise_not_on_menu("unitprice", cup, [price])
        return details.unitprice  # as it was sent: 4.5, even if the menu has 4.50


class ShopState(Struct, frozen=True):
    """What is stored of a shop: its content, and what changes during the day.

    `soldout` has the names of sold-out coffees in the form of `same_name`, in the menu's order.
    """

    content: ShopContent
    open: bool = True
    note: str = ""
    soldout: tuple[str, ...] = ()

    def published(self, content: ShopContent) -> "ShopState":
        """Return the state with other content. Coffees that stay on the menu stay sold out."""
        soldout = tuple(name for name in content.coffees() if name in self.soldout)
        return structs.replace(self, content=content, soldout=soldout)

    def changed(self, changes: ShopChanges) -> "ShopState":
        """Return the state with the changes. Raises NotOnMenuError."""
        menu = self.content.coffees()
        coffees = {} if changes.soldout is UNSET else changes.soldout
        if unknown := [coffee for coffee in coffees if same_name(coffee) not in menu]:
            names = ", ".join(coffee.coffeetype for coffee in menu.values())
            raise NotOnMenuError(f"soldout: {', '.join(unknown)}: the menu has {names}")
        is_soldout = {name: name in self.soldout for name in menu}
        is_soldout |= {same_name(coffee): value for coffee, value in coffees.items()}
        return structs.replace(
            self,
            open=self.open if changes.open is UNSET else changes.open,
            note=self.note if changes.note is UNSET else changes.note,
            soldout=tuple(name for name in menu if is_soldout[name]),
        )

    def shop(self, vendorid: Id) -> Shop:
        """Return the shop as customers see it."""
        menu = [
            OfferedCoffee(coffee.coffeetype, name in self.soldout, coffee.sizes)
            for name, coffee in self.content.coffees().items()
        ]
        content = self.content
        return Shop(vendorid, content.name, content.currency, self.open, self.note, menu)


def accept(order: RequestedOrder, shop: Shop | None) -> AcceptedPrice:
    """Return the price of an order that the shop accepts. `shop` is None without a menu.

    Raises ShopClosedError, NotOnMenuError, SoldOutError, or BadRequestError for a missing price.
    """
    if shop is not None:
        return AcceptedPrice(shop.price_of(order.details), shop.currency)
    if order.details.unitprice is UNSET:
        raise BadRequestError("order.details.unitprice: is missing")
    return AcceptedPrice(order.details.unitprice)


def _raise_not_on_menu(field: str, statement: str, values: Iterable[str]) -> NoReturn:
    raise NotOnMenuError(f"order.details.{field}: {statement} {', '.join(values)}")


def repetition(names: list[str]) -> int | None:
    """Return the index of the first name that is the same as an earlier one."""
    forms = [same_name(name) for name in names]
    return next((i for i, form in enumerate(forms) if form in forms[:i]), None)
