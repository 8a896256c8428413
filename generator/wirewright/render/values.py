"""The runtime's value classes, as far as generated code makes instances of them.

The generator does not import the runtime, so their signatures stand here again, as Python would write them; a test
compares both. `construct` writes an instance as the call that makes it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from wirewright.render.python import Call, Code

SIGNATURES = """
def Choice(parameter, value=None, *, absent=False): ...
def WeightCase(weight, *, parameter="", minimum=None, maximum=None, per_item=False, cap=None, case=""): ...
def Rule(kind, *parameters, when="", values=(), alternatives=()): ...
def Bounds(parameter, *, minimum=None, maximum=None, pattern=""): ...
def Settle(method, parameters): ...
def RequestSpec(
    *, auth=Auth.NONE, changes_state=False, client_order_id="", settle=None, rules=(), bounds=(), weights=(),
    order_count=0, socket="", address=(), replies=True, reply_tags=(), constants=(), failure=None, http="", deprecated="",
): ...
def SequenceKey(*, last="", first="", previous="", step=0, key=""): ...
def StreamSpec(
    *patterns, socket, every=None, every_by=None, sequence=None, auth=Auth.NONE, address=(), deprecated=""
): ...
def Server(*, api=None, streams=None, rest=None, others={}): ...
def RequestShape(*, id="", method="", params="", id_type="string", constants={}): ...
def RateLimitShape(*, kind, interval, number, limit, count): ...
def ReplyShape(
    *, id="", status="", ok=(), result="", error="", code="", message="", data="", retry_after="", rate_limits="",
    rate_limit=None,
): ...
def EventShape(*, payload="", tag="", subscription=""): ...
def StreamShape(*, keys, payload="", separator=":"): ...
def Command(method, *, params="names", batch=200): ...
def Rate(count, seconds, *, counts=()): ...
def Ping(sender, *, interval, timeout, message=""): ...
def Handshake(*, location="header", name="Authorization", prefix="", role="token"): ...
def Socket(
    *, name, role, path, request=None, reply=None, event=None, stream=None, subscribe=None, unsubscribe=None, list=None,
    streams=None, messages=None, dials=None, ping=None, lifetime=None, shutdown="", handshake=(), options=(), plain=False,
): ...
def Signing(
    *, key, signature, timestamp, window="", window_maximum=0, window_default=0, logon="", status="", logout="",
    logon_keys=(), clock_method="", clock_result="", clock_refused=0, header="",
): ...
def UserData(
    scheme, *, keys=(), subscribe="", unsubscribe="", subscription="", terminated="", start="", keepalive="",
    keepalive_every=0, expires=0, stop="", key="", socket="", query="", expired="", deprecated="", result="",
    sends_key=False, expiry="",
): ...
def ErrorCode(name, error=ApiError, *, outcome=None): ...
def ErrorMessages(codes, classes): ...
"""


@dataclass(frozen=True)
class Signature:
    """What a class takes: names of positional arguments, the one of several (`*parameters`), names and defaults of all."""

    positional: tuple[str, ...]
    spread: str
    defaults: Mapping[str, object]  # of each argument; `MANDATORY`: it has none


MANDATORY = Code("...")


def value(name: str, /, **given: object) -> Call:
    """An instance of one of these classes, without the arguments that are as by default."""
    signature = signatures()[name]
    if unknown := given.keys() - signature.defaults.keys():
        raise TypeError(f"{name} of the runtime takes no {', '.join(sorted(unknown))}")
    told = {key: given[key] for key, usual in signature.defaults.items() if key in given and given[key] != usual}
    placed = [told.pop(key) for key in signature.positional if key in told]
    several: Any = told.pop(signature.spread, ())
    return Call(name, (*placed, *several), told)


def like(name: str, source: object, /, **beside: object) -> Call:
    """An instance of one of these classes from a dataclass of the model that has its fields, and what stands beside it."""
    shared = {key: getattr(source, key) for key in signatures()[name].defaults if hasattr(source, key)}
    return value(name, **{key: _like(key, part) for key, part in shared.items()} | beside)


def _like(key: str, part: Any) -> object:
    """A part of such an instance: the model keeps pairs where the runtime has a mapping."""
    if key == "constants":
        return dict(part)
    kind = type(part).__name__
    return like(kind, part) if kind in signatures() else part


@cache
def signatures() -> Mapping[str, Signature]:
    """The signatures above, by the name of the class."""
    stubs = ast.parse(SIGNATURES).body
    return {one.name: _signature(one.args) for one in stubs if isinstance(one, ast.FunctionDef)}


def _signature(arguments: ast.arguments) -> Signature:
    names = [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]
    plain = [None] * (len(arguments.args) - len(arguments.defaults))
    usual = [*plain, *arguments.defaults, *arguments.kw_defaults]
    spread = arguments.vararg.arg if arguments.vararg else ""
    defaults = {name: _default(node) for name, node in zip(names, usual, strict=True)}
    return Signature(tuple(one.arg for one in arguments.args), spread, defaults | ({spread: ()} if spread else {}))


def _default(node: ast.expr | None) -> object:
    """A default as data; a name of the runtime as text."""
    if node is None:
        return MANDATORY
    return Code(ast.unparse(node)) if isinstance(node, ast.Name | ast.Attribute) else ast.literal_eval(node)
