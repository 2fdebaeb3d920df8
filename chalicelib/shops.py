"""What a shop is: its menu, whether it is open, and which orders it accepts.

This module imports nothing of AWS. A vendor without a published menu is not a shop: customers may
order anything from it, at the price that they send.
"""

from decimal import Decimal
from typing import Annotated

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


class ShopChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH /shop: what staff change during the day.

    `soldout` has the coffees that are sold out from now on (true) or available again (false). The
    others do not change.
    """

    open: bool | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    soldout: Annotated[dict[Name, bool], Meta(max_length=MAX_COFFEES)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Reject a body without changes."""
        if self.open is UNSET and self.note is UNSET and self.soldout is UNSET:
            raise ValueError("The body must have at least one of open, note and soldout")


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
        """Return the price for one cup. Raises ShopClosedError, NotOnMenuError or SoldOutError."""
        if not self.open:
            note = f": {self.note}" if self.note else ""
            raise ShopClosedError(f"order.vendorid: {self.name} is closed{note}")
        coffees = {same_name(coffee.coffeetype): coffee for coffee in self.menu}
        coffee = coffees.get(same_name(details.coffeetype))
        if coffee is None:
            names = ", ".join(coffee.coffeetype for coffee in self.menu)
            raise NotOnMenuError(f"order.details.coffeetype: the menu has {names}")
        prices = {same_name(size.coffeesize): size.unitprice for size in coffee.sizes}
        price = prices.get(same_name(details.coffeesize))
        if price is None:
            names = ", ".join(size.coffeesize for size in coffee.sizes)
            raise NotOnMenuError(f"order.details.coffeesize: {coffee.coffeetype} comes in {names}")
        if coffee.soldout:
            raise SoldOutError(f"order.details.coffeetype: {coffee.coffeetype} is sold out")
        if details.unitprice is UNSET:
            return price
        if Decimal(details.unitprice) != Decimal(price):
            cup = f"a {details.coffeesize} {details.coffeetype}"
            raise NotOnMenuError(f"order.details.unitprice: {cup} is {price} {self.currency}")
        return details.unitprice  # as it was sent: 4.5, even if the menu has 4.50

    def changed(self, changes: ShopChanges) -> "Shop":
        """Return the shop with the changes. Raises NotOnMenuError."""
        soldout = {} if changes.soldout is UNSET else changes.soldout
        is_soldout = {same_name(coffee.coffeetype): coffee.soldout for coffee in self.menu}
        if unknown := [name for name in soldout if same_name(name) not in is_soldout]:
            names = ", ".join(coffee.coffeetype for coffee in self.menu)
            raise NotOnMenuError(f"soldout: {', '.join(unknown)}: the menu has {names}")
        is_soldout |= {same_name(name): value for name, value in soldout.items()}
        return structs.replace(
            self,
            open=self.open if changes.open is UNSET else changes.open,
            note=self.note if changes.note is UNSET else changes.note,
            menu=[
                structs.replace(coffee, soldout=is_soldout[same_name(coffee.coffeetype)])
                for coffee in self.menu
            ],
        )


def publish(vendorid: Id, content: ShopContent, previous: Shop | None) -> Shop:
    """Return the shop with this content. Coffees that stay on the menu stay sold out."""
    previous_menu = previous.menu if previous else []
    soldout = {same_name(coffee.coffeetype) for coffee in previous_menu if coffee.soldout}
    return Shop(
        vendorid=vendorid,
        name=content.name,
        currency=content.currency,
        open=previous.open if previous else True,
        note=previous.note if previous else "",
        menu=[
            OfferedCoffee(coffee.coffeetype, same_name(coffee.coffeetype) in soldout, coffee.sizes)
            for coffee in content.menu
        ],
    )


def accept(order: RequestedOrder, shop: Shop | None) -> AcceptedPrice:
    """Return the price of an order that the shop accepts. `shop` is None without a menu.

    Raises ShopClosedError, NotOnMenuError, SoldOutError, or BadRequestError for a missing price.
    """
    if shop is not None:
        return AcceptedPrice(shop.price_of(order.details), shop.currency)
    if order.details.unitprice is UNSET:
        raise BadRequestError("order.details.unitprice: is missing")
    return AcceptedPrice(order.details.unitprice)


def repetition(names: list[str]) -> int | None:
    """Return the index of the first name that is the same as an earlier one."""
    forms = [same_name(name) for name in names]
    return next((i for i, form in enumerate(forms) if form in forms[:i]), None)
