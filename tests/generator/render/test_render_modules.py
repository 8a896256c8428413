"""Long modules become packages of sections; small changes of a model change little of the code."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_api import DOCUMENT, MINI, TYPES, has, struct, takes

from wirewright.model.api import Api, Message, Method, Stream, Variant
from wirewright.model.types import Array, EnumType, EnumValue, Kind, Origin, Ref, Scalar, StructType, UnionType
from wirewright.render.components import strong_components
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.product import render_all
from wirewright.render.sections import LONGEST, Item, split_sections
from wirewright.render.surface import render_surface
from wirewright.write.format import format_files

SECTIONS = ("market", "trading", "account data")


def rendered(api: Api) -> dict[str, str]:
    return format_files(render_all(Context(api, "mini_wire.mini", Templates())))


def large(times: int) -> Api:
    """An exchange of many methods and structs in several sections, which use each other's structs."""
    types, methods, streams = list(MINI.types), list(MINI.methods), list(MINI.streams)
    for number in range(times):
        section = SECTIONS[number % 3]
        origin = Origin(f"specs/mini/{section.replace(' ', '_')}.md", number + 1)
        other = f"Result{number - 1 - number % 2 if number > 1 else number}"
        fields = [has(f"field{index}", f"field_{index}", Scalar(Kind.DECIMAL), "Some amount.") for index in range(12)]
        fields.append(has("other", "other", Array(Ref(other)), required=False))
        types.append(struct(f"Result{number}", "Some result.", *fields, origin=origin))
        parameters = tuple(takes(f"parameter{index}", f"parameter_{index}", Ref("Side")) for index in range(8))
        variant = Variant(f"Request{number}", Ref(f"Result{number}"))
        methods.append(
            Method(f"method.{number}", f"method_{number}", (variant,), "api", origin, section, parameters=parameters)
        )
        streams.append(
            Stream(f"Some{number}Stream", (f"some{number}",), Ref("AggTrade"), "streams", origin, section=section)
        )
    return dataclasses.replace(MINI, types=tuple(types), methods=tuple(methods), streams=tuple(streams))


@pytest.fixture(scope="module")
def large_files() -> dict[str, str]:
    return rendered(large(90))


def test_long_modules_are_packages_of_sections(large_files: dict[str, str]) -> None:
    for module in ("api", "requests", "models"):
        assert f"{module}.py" not in large_files
        assert {f"{module}/__init__.py", f"{module}/market.py", f"{module}/trading.py"} <= set(large_files)
    assert "requests/account_data.py" in large_files
    assert "streams.py" in large_files
    assert all(text.count("\n") < LONGEST * 1.1 for path, text in large_files.items() if path.endswith(".py"))


def test_a_package_of_sections_exports_what_the_module_did(large_files: dict[str, str]) -> None:
    index = ast.parse(large_files["requests/__init__.py"])
    imported = {alias.name for node in index.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    exported = {node.value for node in ast.walk(index.body[-1]) if isinstance(node, ast.Constant)}
    assert imported == exported >= {"AvgPrice", "OrderPlace", "Request89"}


def test_the_api_of_sections_is_one_class(large_files: dict[str, str]) -> None:
    assert "class Api(MarketApi, GeneralApi, TradingApi, AccountDataApi):" in large_files["api/__init__.py"]
    assert "class TradingApi(BaseApi):" in large_files["api/trading.py"]


def test_messages_of_a_long_module_are_one_class() -> None:
    many = tuple(Message(f"say_{number}", Ref("AggTrade"), "streams", DOCUMENT) for number in range(90))
    files = rendered(dataclasses.replace(MINI, messages=many))
    assert "send.py" not in files
    assert "class Send(GeneralSend, General2Send):" in files["send/__init__.py"]
    assert "class General2Send(BaseSend):" in files["send/general_2.py"]


def test_sections_import_in_one_direction_only(large_files: dict[str, str]) -> None:
    """What two sections use stands in a third one, so that no two import each other."""
    modules = [path for path in large_files if path.startswith("models/") and not path.endswith("__init__.py")]
    seen: set[str] = set()
    for path in sorted(modules, key=lambda path: ("shared" not in path, path)):
        nodes = [node for node in ast.walk(ast.parse(large_files[path])) if isinstance(node, ast.ImportFrom)]
        used = {node.module.rpartition(".")[2] for node in nodes if node.module and ".models." in node.module}
        assert used <= {name for name in seen if "shared" in name}, path
        seen.add(path.removeprefix("models/").removesuffix(".py"))
    assert "shared_2" in seen


def test_shared_takes_along_what_it_uses() -> None:
    def item(name: str, section: str, *uses: str) -> Item:
        return Item((name,), "", section, "", frozenset(uses))

    items = [item("A", "x", "B"), item("B", "y", "C"), item("C", "y"), item("D", "y", "B"), item("E", "x", "A")]
    sections = split_sections(items)
    assert {name: [own for one in part for own in one.names] for name, part in sections.items()} == {
        "x": ["A", "E"],
        "shared": ["B", "C"],
        "y": ["D"],
    }


@given(st.lists(st.sets(st.integers(0, 11), max_size=4), min_size=12, max_size=12))
def test_components_are_those_that_reach_each_other(targets: list[set[int]]) -> None:
    def reached(node: int) -> set[int]:
        found, todo = set[int](), [node]
        while todo:
            more = targets[todo.pop()] - found
            found |= more
            todo += more
        return found

    reach = [reached(node) for node in range(12)]
    groups = list(strong_components(dict(enumerate(targets))))
    assert sorted(node for group in groups for node in group) == list(range(12))
    for number, group in enumerate(groups):
        for node in group:
            assert set(group) == {other for other in reach[node] if node in reach[other]} | {node}
            assert targets[node] <= {other for earlier in groups[: number + 1] for other in earlier}


def changed_lines(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """Lines that a change adds or takes away, by file."""
    changed: dict[str, list[str]] = {}
    for path in before.keys() | after.keys():
        old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        lines = [line for line in difflib.ndiff(old, new) if line[:1] in "+-" and line[1:].strip()]
        if lines:
            changed[path] = lines
    return changed


def test_a_new_method_changes_only_its_own_lines() -> None:
    method = Method("ping", "ping", (Variant("Ping", Ref("OrderAck")),), "api", MINI.methods[0].origin, title="Ping")
    methods = (*MINI.methods[:3], method, *MINI.methods[3:])
    changed = changed_lines(rendered(MINI), rendered(dataclasses.replace(MINI, methods=methods)))
    assert set(changed) == {"api.py", "requests.py", "catalog.py", "README.md", "examples.json"}
    assert not [line for lines in changed.values() for line in lines if line.startswith("-")]
    assert len(changed["catalog.py"]) == 1


def test_a_new_field_changes_only_its_own_lines() -> None:
    index = next(number for number, named in enumerate(TYPES) if named.name == "PlacedOrder")
    order = TYPES[index]
    assert isinstance(order, StructType)
    field = has("newField", "new_field", Scalar(Kind.STRING), "Something new.")
    fields = (*order.fields[:2], field, *order.fields[2:])
    types = (*TYPES[:index], dataclasses.replace(order, fields=fields), *TYPES[index + 1 :])
    changed = changed_lines(rendered(MINI), rendered(dataclasses.replace(MINI, types=types)))
    assert changed == {"models.py": ['+     new_field: str = field(name="newField")', '+     """Something new."""']}


def test_a_new_enum_value_changes_only_its_own_lines() -> None:
    status = next(named for named in TYPES if named.name == "Status")
    assert isinstance(status, EnumType)
    more = dataclasses.replace(status, values=(*status.values, EnumValue("EXPIRED", "EXPIRED")))
    types = tuple(more if named is status else named for named in TYPES)
    changed = changed_lines(rendered(MINI), rendered(dataclasses.replace(MINI, types=types)))
    assert changed == {"enums.py": ['+     EXPIRED = "EXPIRED"']}


def test_the_surface_names_every_public_symbol_with_its_signature() -> None:
    surface = json.loads(render_surface(rendered(MINI)))
    assert surface["enums.Side.BUY"] == "'BUY'"
    assert surface["models.PlacedOrder"] == "class(Model)"
    assert surface["models.PlacedOrder.iceberg_quantity"] == "Decimal | None = ..."
    assert surface["models.PlacedOrder.order_id"] == "int"
    assert surface["models.Filter"] == "TypeAlias = PriceFilter | LotSize | UnknownFilter"
    assert surface["requests.OrderPlaceParameters.symbol"] == "str"
    assert surface["api.Api.order_place[models.OrderAck]"].endswith("-> models.OrderAck")
    assert surface["api.Api.depth"].startswith("(self, *, symbol: str, limit: int | None=None")
    assert surface["streams.AggTradeStream"] == "class(Stream[events.AggTrade])"
    assert surface["client.MiniClient.__init__"].startswith("(self, *, key: HmacKey | RsaKey | Ed25519Key | None=None")
    assert not [name for name in surface if ".source" in name]


def test_the_surface_does_not_care_about_sections(large_files: dict[str, str]) -> None:
    surface = json.loads(render_surface(large_files))
    assert surface["requests.Request5"] == "class(Request[models.Result5])"
    assert "api.Api.avg_price" in surface


def test_a_type_alias_stands_behind_what_it_names() -> None:
    union = next(named for named in TYPES if isinstance(named, UnionType))
    rest = tuple(named for named in TYPES if named is not union)
    source = rendered(dataclasses.replace(MINI, types=(union, *rest)))["models.py"]
    assert source.index("class LotSize(") < source.index("Filter: TypeAlias") < source.index("class AveragePrice(")
