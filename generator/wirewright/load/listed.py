"""What a page shows beside any endpoint, as types of its model: lists of values, and objects that a key tells apart."""

from __future__ import annotations

from collections.abc import Sequence

from wirewright.load.endpoints.endpoint import Listing
from wirewright.load.endpoints.exchange import kinds_of
from wirewright.load.examples import Inference, Scope
from wirewright.load.node import Node
from wirewright.load.pool import Pool
from wirewright.model.naming import Names, cap, upper
from wirewright.model.types import Branch, EnumType, EnumValue, Ref, Tag, UnionType


def add_listings(listings: Sequence[Listing], pool: Pool) -> None:
    """An enumeration for each list of values, called as its heading."""
    for one in listings:
        name, names = pool.claim(cap(one.title or " ".join(one.keys)), one.origin), Names()
        values = [
            EnumValue(value.text, names.claim(upper(value.text), value.origin)[0], doc)
            for value, doc in zip(one.values, one.docs, strict=True)
        ]
        pool.types[name] = EnumType(name, tuple(values), one.origin)


def add_structures(shown: Sequence[Node], inference: Inference, pool: Pool) -> None:
    """A union for each key that tells the shown objects apart: `filterType` makes the union `Filter`."""
    keys = dict.fromkeys(key for one in shown for key in kinds_of(one))
    for key in keys:
        structs = dict[str, str]()
        name = pool.claim(cap(key.removesuffix("Type")), shown[0].origin)
        for node in (one for one in shown if key in kinds_of(one)):
            kind = node.text(key)
            struct = structs[kind] = structs.get(kind) or pool.claim(cap(kind.lower()) + name, node.origin)
            inference.observe(Ref(struct), node, Scope({}))
            inference.describe(struct, "", node.origin, tag=Tag(key, (kind,)))
        branches = tuple(Branch(Ref(struct), (kind,)) for kind, struct in structs.items())
        pool.types[name] = UnionType(name, branches, shown[0].origin, tag=key)
