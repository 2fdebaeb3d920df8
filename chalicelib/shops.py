"""What a shop is: its menu, whether it is open, and which orders it accepts.

This module imports nothing of AWS. Its errors are those of Chalice, with an HTTP status. A vendor
without a published menu is not a shop: customers may order anything from it, at the price that they
send.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, NoReturn

from chalice import BadRequestError
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.errors import NotOnMenuError, ShopClosedError, SoldOutError
from chalicelib.orders import TEXT, Id, Name, Order, Price, RequestedDetails, RequestedOrder

# The active codes of ISO 4217, without funds, metals and tests.
_CURRENCIES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB "
    "EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD "
    "JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG "
    "XOF XPF YER ZAR ZMW ZWG"
)
Note = Annotated[str, Meta(max_length=100, pattern=rf"{TEXT}|^$(?!\n)")]


class Currency(str):
    """A currency: its three letters by ISO 4217, such as EUR."""

    __slots__ = ()
    rule = re.compile(r"[A-Z]{3}")
    codes = _CURRENCIES

    @classmethod
    def parse(cls, value: object) -> "Currency":
        """Parse a currency code. Raises ValueError."""
        if isinstance(value, str) and cls.rule.fullmatch(value) and value in _CURRENCIES:
            return cls(value)
        raise ValueError("must be the three letters of a currency by ISO 4217, such as EUR")


class Size(Struct, frozen=True, forbid_unknown_fields=True):
    """A size in which a coffee is sold, and its price for one cup."""

    coffeesize: Name
    unitprice: Price


class Coffee(Struct, frozen=True, forbid_unknown_fields=True):
    """A coffee on a menu that is published."""

    coffeetype: Name
    sizes: Annotated[list[Size], Meta(min_length=1, max_length=5)]


class ShopContent(Struct, frozen=True, forbid_unknown_fields=True):
    """What staff publish as a whole: name, currency and menu."""

    name: Name
    currency: Currency
    menu: Annotated[list[Coffee], Meta(min_length=1, max_length=50)]

    def require_unique_names(self) -> None:
        """Raise ValueError if two coffees, or two sizes of a coffee, have the same name."""
        for index, coffee in enumerate(self.menu):
            path, name = f"shop.menu[{index}]", coffee.coffeetype
            if name in (other.coffeetype for other in self.menu[:index]):
                raise ValueError(f"{path}.coffeetype: {name} is on the menu twice")
            sizes = [size.coffeesize for size in coffee.sizes]
            for number, size in enumerate(sizes):
                if size in sizes[:number]:
                    raise ValueError(f"{path}.sizes[{number}].coffeesize: {name} has {size} twice")


class ShopChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What staff change during the day. A field that is UNSET does not change.

    `soldout` has the names of all coffees that are sold out.
    """

    open: bool | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    soldout: Annotated[list[Name], Meta(max_length=50)] | UnsetType = UNSET


class OfferedCoffee(Struct, frozen=True):
    """A coffee on the menu, and whether it is sold out."""

    coffeetype: Name
    soldout: bool
    sizes: list[Size]


class Shop(Struct, frozen=True):
    """A shop that has published a menu."""

    vendorid: Id
    name: Name
    currency: Currency
    open: bool
    note: Note
    menu: list[OfferedCoffee]

    def price_of(self, details: RequestedDetails) -> Price:
        """Return the price for one cup.

        Raises ShopClosedError, NotOnMenuError or SoldOutError.
        """
        if not self.open:
            note = f": {self.note}" if self.note else ""
            raise ShopClosedError(f"order.vendorid: {self.name} is closed{note}")
        coffees = {coffee.coffeetype: coffee for coffee in self.menu}
        coffee = coffees.get(details.coffeetype)
        if coffee is None:
            _raise_not_on_menu("coffeetype", "the menu has", coffees)
        prices = {size.coffeesize: size.unitprice for size in coffee.sizes}
        price = prices.get(details.coffeesize)
        if price is None:
            _raise_not_on_menu("coffeesize", f"{coffee.coffeetype} comes in", prices)
        if coffee.soldout:
            raise SoldOutError(f"order.details.coffeetype: {coffee.coffeetype} is sold out")
        if details.unitprice is UNSET:
            return price
        if Decimal(details.unitprice) != Decimal(price):
            cup = f"a {details.coffeesize} {details.coffeetype} is"
            _raise_not_on_menu("unitprice", cup, [price])
        return details.unitprice  # as it was sent: 4.5, even if the menu has 4.50


def accept(order: RequestedOrder, shop: Shop | None) -> Order:
    """Return the order with its price and currency if the shop accepts it.

    `shop` is None without a menu; then the customer sends the price, and there is no currency.

    Raises ShopClosedError, NotOnMenuError, SoldOutError, or BadRequestError for a missing price.
    """
    if shop is not None:
        return order.at_price(shop.price_of(order.details), shop.currency)
    if order.details.unitprice is UNSET:
        raise BadRequestError("order.details.unitprice: is missing")
    return order.at_price(order.details.unitprice)


def _raise_not_on_menu(field: str, statement: str, values: Iterable[str]) -> NoReturn:
    raise NotOnMenuError(f"order.details.{field}: {statement} {', '.join(values)}")
