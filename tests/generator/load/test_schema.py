"""Schemas to types: names from paths, unions told apart, recursion."""

from __future__ import annotations

from pathlib import Path

import pytest
from outline import spell

from wirewright.load.document import Files
from wirewright.load.pool import Pool
from wirewright.load.schema import Schemas
from wirewright.load.yaml_text import read_yaml
from wirewright.model.types import EnumType, NamedType, StructType, UnionType


def convert(text: str, strict: bool = False) -> tuple[dict[str, NamedType], str, Pool]:
    """The pool and the type of the schema `Root` among `components.schemas`."""
    node, problems = read_yaml(text, "s.yaml")
    assert node is not None, problems
    files = Files()
    files.add(node, Path("s.yaml"))
    schemas = Schemas(files, Pool(strict=strict))
    named = node.map["s"].map
    schemas.declare(named)
    kinds = {name: schemas.type_of(one, name) for name, one in named.items()}
    schemas.finish()
    return schemas.pool.types, spell(kinds["Root"]), schemas.pool


def fields(types: dict[str, NamedType], name: str) -> dict[str, str]:
    struct = types[name]
    assert isinstance(struct, StructType)
    return {one.wire: spell(one.type) + ("" if one.required else " (optional)") for one in struct.fields}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("{type: string}", "string"),
        ("{type: string, format: decimal}", "decimal"),
        ("{type: integer, format: time}", "time"),
        ("{type: [integer, 'null']}", "integer?"),
        ("{type: string, nullable: true}", "string?"),
        ("{type: [string, number]}", "string | number"),
        ("{type: array, items: {type: string}}", "[string]"),
        ("{type: array}", "[json]"),
        ("{type: array, items: [{type: string}, {type: integer}], additionalItems: false}", "(string, integer)"),
        ("{type: array, prefixItems: [{type: string}], items: {type: integer}}", "(string ...integer)"),
        ("{type: object}", "{json}"),
        ("{type: object, additionalProperties: {type: integer}}", "{integer}"),
        ("{type: object, patternProperties: {'^x': {type: boolean}}}", "{boolean}"),
        ("{const: 5}", "5"),
        ("{type: array, items: {enum: [only]}}", "[only]"),
        ("{enum: [true, false]}", "boolean"),
        ("{enum: [a, 1]}", "string | integer"),
        ("{anyOf: [{type: string}, {type: 'null'}]}", "string?"),
        ("{anyOf: [{type: integer}, {type: number}]}", "number"),
        ("{oneOf: [{const: a}, {const: b}]}", "a/b"),
        ("{oneOf: [{type: array, items: {type: string}}, {type: string}]}", "[string] | string"),
        ("{allOf: [{type: integer}, {description: Just prose.}]}", "integer"),
        ("true", "json"),
        ("{}", "json"),
    ],
)
def test_types_without_names(schema: str, kind: str) -> None:
    assert convert(f"s: {{Root: {schema}}}")[1] == kind


def test_inline_parts_are_named_by_their_path() -> None:
    types, _, _ = convert(
        """
        s:
          Root:
            type: object
            required: [side]
            properties:
              side: {enum: [BUY, SELL]}
              fills: {type: array, items: {type: object, properties: {price: {type: string}}}}
              meta: {type: object, properties: {deep: {type: object, properties: {x: {}}}}}
        """
    )
    assert list(types) == ["Root", "RootSide", "RootFillsItem", "RootMeta", "RootMetaDeep"]
    assert fields(types, "Root") == {
        "side": "RootSide",
        "fills": "[RootFillsItem] (optional)",
        "meta": "RootMeta (optional)",
    }


def test_all_of_is_merged_and_keeps_what_is_required() -> None:
    types, _, _ = convert(
        """
        s:
          Root:
            allOf:
              - {$ref: '#/s/Base'}
              - {properties: {kind: {const: root}, more: {type: integer}}, required: [more]}
          Base: {type: object, required: [kind], properties: {kind: {type: string, description: What it is.}}}
        """
    )
    assert fields(types, "Root") == {"kind": "root", "more": "integer"}
    root = types["Root"]
    assert isinstance(root, StructType)
    assert root.fields[0].doc == "What it is."


def test_recursion_by_name_and_without_one() -> None:
    types, _, _ = convert("s: {Root: {type: object, properties: {child: {$ref: '#/s/Root'}}}}")
    assert fields(types, "Root") == {"child": "Root (optional)"}
    _, kind, pool = convert("s: {Root: {type: array, items: {$ref: '#/s/Root'}}}")
    assert kind == "[json]"
    assert "holds nothing but itself" in pool.problems[0].what


def union_of(text: str) -> tuple[UnionType, Pool]:
    types, _, pool = convert(text)
    union = types["Root"]
    assert isinstance(union, UnionType)
    return union, pool


def test_a_tag_is_inferred_from_disjoint_values() -> None:
    union, _ = union_of(
        """
        s:
          Root: {oneOf: [{$ref: '#/s/A'}, {$ref: '#/s/B'}]}
          A: {type: object, properties: {n: {enum: [x, y]}, type: {const: a}}}
          B: {type: object, properties: {n: {enum: [x, y]}, type: {enum: [b, c]}}}
        """
    )
    assert union.tag == "type"
    assert [(spell(one.type), one.values) for one in union.branches] == [("A", ("a",)), ("B", ("b", "c"))]


def test_a_nested_tag() -> None:
    union, _ = union_of(
        """
        s:
          Root: {anyOf: [{$ref: '#/s/A'}, {$ref: '#/s/B'}]}
          A: {type: object, properties: {head: {type: object, properties: {kind: {const: 1}}}}}
          B: {type: object, properties: {head: {type: object, properties: {kind: {const: 2}}}}}
        """
    )
    assert union.tag == "/head/kind"


def test_unique_required_keys_and_one_branch_for_the_rest() -> None:
    union, _ = union_of(
        """
        s:
          Root: {oneOf: [{$ref: '#/s/A'}, {$ref: '#/s/B'}]}
          A: {type: object, required: [id, error], properties: {id: {}, error: {}}}
          B: {type: object, required: [id], properties: {id: {}}}
        """
    )
    assert union.tag == ""
    assert [(spell(one.type), one.keys) for one in union.branches] == [("A", ("error",)), ("B", ("id",))]


def test_a_union_inside_a_union_is_one_branch_of_it() -> None:
    union, _ = union_of(
        """
        s:
          Root: {oneOf: [{$ref: '#/s/Status'}, {$ref: '#/s/Data'}]}
          Status: {oneOf: [{$ref: '#/s/Good'}, {$ref: '#/s/Bad'}]}
          Good: {type: object, required: [id], properties: {event: {const: status}, id: {}}}
          Bad: {type: object, required: [error], properties: {event: {const: status}, error: {}}}
          Data: {type: object, properties: {event: {const: data}}}
        """
    )
    assert [(spell(one.type), one.values) for one in union.branches] == [("Status", ("status",)), ("Data", ("data",))]


def test_what_cannot_be_told_apart_is_a_question() -> None:
    types, kind, pool = convert(
        """
        s:
          Root: {oneOf: [{$ref: '#/s/A'}, {$ref: '#/s/B'}]}
          A: {type: object, properties: {x: {}}}
          B: {type: object, properties: {x: {}}}
        """
    )
    assert kind == "Root"
    assert not isinstance(types["Root"], UnionType)
    assert 'tags.Root = "..."' in pool.problems[0].right


def test_two_branches_with_one_value() -> None:
    union, pool = union_of(
        """
        s:
          Root: {oneOf: [{$ref: '#/s/A'}, {$ref: '#/s/B'}, {$ref: '#/s/C'}]}
          A: {type: object, properties: {t: {const: a}}}
          B: {type: object, properties: {t: {const: b}}}
          C: {type: object, properties: {t: {const: b}}}
        """
    )
    assert [spell(one.type) for one in union.branches] == ["A", "B"]
    assert "nothing tells C from another branch" in pool.problems[0].what


def test_strange_names() -> None:
    types, _, pool = convert(
        """
        s:
          Root:
            type: object
            properties: {__init__: {}, import: {}, '': {}, '😀': {}, a-b: {}, a_b: {}, int: {}, '1': {}}
        """
    )
    root = types["Root"]
    assert isinstance(root, StructType)
    assert [one.name for one in root.fields] == [
        "init",
        "import_",
        "field_",
        "field_2",
        "a_b",
        "a_b_2",
        "int_",
        "field_1",
    ]
    assert all(problem.warning for problem in pool.problems)


def test_in_our_own_specs_a_clash_stops_the_work() -> None:
    _, _, pool = convert("s: {Root: {type: object, properties: {a-b: {}, a_b: {}}}}", strict=True)
    assert str(pool.problems[0]).startswith(
        "s.yaml:1:48: the field 'a_b' of Root is spelled like another one: a_b_2 (also s.yaml:1:39)"
    )


def test_enumerations_of_a_document() -> None:
    types, _, _ = convert(
        "s: {Root: {enum: [1m, 1M], x-enum-varnames: [MINUTE, MONTH], x-enum-descriptions: [Short., Long.]}}"
    )
    enum = types["Root"]
    assert isinstance(enum, EnumType)
    assert [(one.wire, one.name, one.doc) for one in enum.values] == [
        ("1m", "MINUTE", "Short."),
        ("1M", "MONTH", "Long."),
    ]


PARENT = """
s:
  Root: {type: object, required: [kind], properties: {kind: {type: string}}, oneOf: [{$ref: '#/s/Cat'}, {$ref: '#/s/Dog'}]}
  Cat: {type: object, required: [lives], properties: {lives: {type: integer}}, allOf: [{$ref: '#/s/Root'}]}
  Dog: {type: object, required: [tricks], properties: {tricks: {type: integer}}, allOf: [{$ref: '#/s/Root'}]}
"""


def test_branches_that_take_the_fields_of_their_union() -> None:
    """As generators for Java write it: the parent lists its children, and each child takes the parent by `allOf`."""
    types, kind, pool = convert(PARENT)
    assert (kind, pool.problems) == ("Root", [])
    assert fields(types, "Cat") == {"lives": "integer", "kind": "string"}
    root = types["Root"]
    assert isinstance(root, UnionType)
    assert [(spell(one.type), one.keys) for one in root.branches] == [("Cat", ("lives",)), ("Dog", ("tricks",))]
    assert set(types) == {"Root", "Cat", "Dog"}


def test_unions_that_are_branches_of_each_other_end() -> None:
    branches = ", ".join(f"{{$ref: '#/s/{name}'}}" for name in ("Root", "A", "B"))
    union = f"{{type: object, properties: {{id: {{type: string}}}}, oneOf: [{branches}]}}"
    types, _, pool = convert(f"s:\n  Root: {union}\n  A: {union}\n  B: {union}\n")
    assert "this schema is a branch of itself" in {one.what for one in pool.problems}
    assert len(types) < 100
