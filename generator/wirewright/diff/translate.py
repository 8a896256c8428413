"""Generated names for what a page shows: pages name no types, a product does. Both are the same on the wire."""

from __future__ import annotations

from wirewright.diff.methods import Methods
from wirewright.diff.names import Names, symbol_of
from wirewright.diff.operations import Operations
from wirewright.diff.pairing import pair_best
from wirewright.diff.parameters import Parameters
from wirewright.diff.place import Node, Place
from wirewright.diff.pushed import Pushed, same_stream
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Schemas
from wirewright.model.api import Api
from wirewright.model.types import EnumType, NamedType, StructType


class Translation:
    """The names of a product for those that a page's model made up."""

    def __init__(self, page: Api, product: Api) -> None:
        self.page = {one.name: one for one in page.types}
        self.product = {one.name: one for one in product.types}
        schemas = Schemas(self.page, self.product, Names(are_api=False), guessed=True)
        parameters, none = Parameters(schemas), Operations()
        list(Methods(page, product, parameters, none).compare())  # for the pairs of types that they find
        list(Pushed(page, product, parameters, none, {}).compare())
        self._variants(page, product, schemas)
        self._types: dict[str, list[str]] = {}
        for old, new, _ in schemas.pairs:
            self._types.setdefault(old, []).append(new)
        self._names = self._endpoints(page, product)

    def symbols(self, text: str) -> list[str]:
        """The product's names for one of a page; none where the product has no such thing."""
        module, _, rest = text.partition(".")
        if module in ("models", "events", "enums"):
            owner, _, member = rest.partition(".")
            found = [self._member(owner, member, other) for other in self._types.get(owner, ())]
            exact = [name for name in found if name.count(".") == text.count(".")]
            return exact or [name for name in found if name]
        for old, new in self._names.items():
            if text == old or text.startswith((f"{old}.", f"{old}(")):
                return [new + text[len(old) :]]
        return []

    def _member(self, owner: str, member: str, other: str) -> str:
        page, product = self.page.get(owner), self.product.get(other)
        if page is None or product is None or (isinstance(product, StructType) and not product.fields):
            return ""
        name = symbol_of(product)
        found = _name_of(product, _wire_of(page, member)) if member else ""
        return f"{name}.{found}" if found else name

    def _variants(self, page: Api, product: Api, schemas: Schemas) -> None:
        """A page shows one type for all variants of a result."""
        methods = {one.wire: one for one in product.methods}
        for one in page.methods:
            for variant in methods[one.wire].variants if one.wire in methods else ():
                place = Place(Node(), Direction.RECEIVED, "", one.origin, one.origin)
                schemas.compare(one.variants[0].result, variant.result, place)

    def _endpoints(self, page: Api, product: Api) -> dict[str, str]:
        found: dict[str, str] = {}
        methods = {one.wire: one for one in product.methods} | {one.http: one for one in product.methods if one.http}
        for one in page.methods:
            other = methods.get(one.http or one.wire)
            if other is not None:
                found[f"api.Api.{one.name}"] = f"api.Api.{other.name}"
                found |= {f"requests.{variant.name}": f"requests.{other.variants[0].name}" for variant in one.variants}
        pairs, _, _ = pair_best(page.streams, product.streams, same_stream)
        return found | {f"streams.{one.name}": f"streams.{other.name}" for one, other in pairs}


def _wire_of(named: NamedType, member: str) -> str | int:
    if isinstance(named, StructType):
        return next((one.wire for one in named.fields if one.name == member), member)
    return next((one.wire for one in named.values if one.name == member), member) if isinstance(named, EnumType) else ""


def _name_of(named: NamedType, wire: str | int) -> str:
    if isinstance(named, StructType):
        return next((one.name for one in named.fields if one.wire == wire), "")
    return next((one.name for one in named.values if one.wire == wire), "") if isinstance(named, EnumType) else ""
