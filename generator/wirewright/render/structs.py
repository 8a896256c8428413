"""Structs as text, made by datamodel-code-generator in one call from a schema that holds nothing but names and types.

Descriptions, wire names, tags and defaults go beside the schema, as text that is quoted here, to our own template.
What JSON Schema has no word for (a side of an order book, an enumeration that stays open) is named by its Python type.
"""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wirewright.model.types import AnyOf, Array, Field, Kind, Map, NamedType, Nullable, Ref, Scalar, StructType, Type
from wirewright.render.annotations import Annotations
from wirewright.render.docs import field_doc
from wirewright.render.environment import template_file, template_problem
from wirewright.render.fields import default_text
from wirewright.render.python import docstring, literal

TEMPLATE = "msgspec.jinja2"  # the name that datamodel-code-generator asks for

Schema = dict[str, Any]

NULL: Schema = {"type": "null"}  # beside another type only: alone, the library takes it for anything
SCALARS: dict[Kind, Schema] = {
    Kind.STRING: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.TIME: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DECIMAL: {"customTypePath": "decimal.Decimal"},
    Kind.JSON: {"customTypePath": "wirewright_runtime.Json"},
}


@dataclass(frozen=True)
class Struct:
    """A struct of the model with what the model does not say: its base, and text that stands behind its fields."""

    type: StructType
    base: str
    doc: str
    source: str = ""
    sequence: str = ""


def render_structs(
    structs: Iterable[Struct], annotations: Annotations, pool: Iterable[NamedType], folders: tuple[Path, ...]
) -> dict[str, str]:
    """The text of every class, by its name."""
    listed = list(structs)
    if not listed:
        return {}
    kinds = {named.name: named for named in pool}
    definitions = {struct.type.name: _definition(struct.type, kinds) for struct in listed}
    data = {struct.type.name: _template_data(struct, annotations, kinds) for struct in listed}
    classes = _classes(_generate(definitions, data, template_file(folders, TEMPLATE)))
    _check_names(listed, classes)
    return {name: text for name, (text, _) in classes.items()}


def is_tagged(struct: StructType) -> bool:
    """Whether the class carries its tag itself: one value only, which is no field then."""
    return struct.tag is not None and len(struct.tag.values) == 1 and not isinstance(struct.tag.values[0], bool)


def fields_of(struct: StructType) -> list[Field]:
    """The fields that the class spells out."""
    hidden = struct.tag.property if struct.tag and is_tagged(struct) else None
    return [field for field in struct.fields if field.wire != hidden]


def _definition(struct: StructType, kinds: Mapping[str, NamedType]) -> Schema:
    fields = fields_of(struct)
    properties = {field.name: _schema(_nullable(field), kinds) or {} for field in fields}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _nullable(field: Field) -> Type:
    """The type of a field: one that may be absent reads as None."""
    return field.type if field.required or isinstance(field.type, Nullable) else Nullable(field.type)


def _schema(type_: Type, kinds: Mapping[str, NamedType]) -> Schema | None:
    """A type as JSON Schema, or None where that has no word for it."""
    match type_:
        case Scalar(kind):
            return SCALARS.get(kind)
        case Ref(name):
            is_struct = isinstance(kinds.get(name), StructType)
            return {"$ref": f"#/$defs/{name}"} if is_struct else {"customTypePath": f"types.{name}"}
        case Array(item):
            inner = _schema(item, kinds)
            return None if inner is None else {"type": "array", "items": inner}
        case Map(value):
            inner = _schema(value, kinds)
            return None if inner is None else {"type": "object", "additionalProperties": inner}
        case Nullable(nullable):
            return _any_of((nullable,), kinds, NULL)
        case AnyOf(types):
            return _any_of(types, kinds)
        case _:
            return None


def _any_of(types: tuple[Type, ...], kinds: Mapping[str, NamedType], *more: Schema) -> Schema | None:
    schemas = [_schema(item, kinds) for item in types]
    return None if None in schemas else {"anyOf": [*schemas, *more]}


def _template_data(struct: Struct, annotations: Annotations, kinds: Mapping[str, NamedType]) -> dict[str, Any]:
    """What the template knows of a class beside the schema; all of it is Python text."""
    fields = fields_of(struct.type)
    return {
        "base": struct.base,
        "options": _options(struct.type),
        "doc": docstring(struct.doc),
        "source": literal(struct.source) if struct.source else "",
        "sequence": struct.sequence,
        "types": {f.name: annotations.received(_nullable(f)) for f in fields if _schema(_nullable(f), kinds) is None},
        "defaults": {field.name: _default(field, struct.type) for field in fields},
        "docs": {field.name: docstring(field_doc(field)) for field in fields},
        "renamed": [
            (old, field.name, annotations.received(_nullable(field)))
            for field in fields
            for old in field.deprecated_names
        ],
    }


def _options(struct: StructType) -> str:
    options = ["frozen=True", "kw_only=True"]
    if struct.array_like:
        options.append("array_like=True")
    if struct.tag and is_tagged(struct):
        options += [f"tag_field={literal(struct.tag.property)}", f"tag={literal(struct.tag.values[0])}"]
    return ", ".join(options)


def _default(field: Field, struct: StructType) -> str:
    """What stands behind a field's type. A list of fixed positions has no wire names."""
    return default_text(field.name if struct.array_like else field.wire, field.name, field.required)


def _generate(definitions: dict[str, Schema], data: dict[str, dict[str, Any]], template: Path) -> str:
    """One call of the library. Its formatters stay off: the whole package is formatted at once, later."""
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from jinja2 import TemplateError, TemplateSyntaxError

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions}
    try:
        result = generate(
            json.dumps(schema),
            input_file_type=InputFileType.JsonSchema,
            output_model_type=DataModelType.MsgspecStruct,
            target_python_version=PythonVersion.PY_311,
            custom_template_dir=template.parent,
            extra_template_data=defaultdict(dict, data),
            skip_root_model=True,
            keyword_only=True,
            strict_nullable=True,
            use_standard_collections=True,
            use_union_operator=True,
            base_class="wirewright_runtime.Model",
            custom_class_name_generator=_as_given,
            disable_timestamp=True,
            use_double_quotes=True,
            formatters=[],
        )
    except TemplateSyntaxError as error:
        raise template_problem(template, error.lineno, str(error)) from error
    except TemplateError as error:
        raise template_problem(template, 1, str(error)) from error
    if not isinstance(result, str):
        raise TypeError(f"datamodel-code-generator gave {type(result).__name__} where one module was asked for")
    return result


def _as_given(name: str) -> str:
    """Names are decided in the model: the library's idea of a class name does not count."""
    return name


def _classes(source: str) -> dict[str, tuple[str, list[str]]]:
    """Each class of a module: its text as the template wrote it, and the names of its fields."""
    lines = source.splitlines()
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {node.name: ("\n".join(lines[node.lineno - 1 : node.end_lineno]), _field_names(node)) for node in classes}


def _field_names(node: ast.ClassDef) -> list[str]:
    """What is annotated in a class, without its constants."""
    assigned = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    fields = [item.target for item in assigned if "ClassVar" not in ast.unparse(item.annotation).split("[")[0]]
    return [target.id for target in fields if isinstance(target, ast.Name)]


def _check_names(structs: list[Struct], classes: Mapping[str, tuple[str, list[str]]]) -> None:
    """The library renames what it finds doubtful. Names are decided in the model, so that would be a mistake of ours."""
    for struct in structs:
        wanted = [field.name for field in fields_of(struct.type)]
        _, got = classes.get(struct.type.name, ("", []))
        if got != wanted or struct.type.name not in classes:
            raise ValueError(f"datamodel-code-generator changed the names of {struct.type.name}: {wanted} became {got}")
