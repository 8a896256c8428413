"""Which side a document describes: the server (most do) or the client.

In 2.x `publish` means "the described application receives", in 3.x that is `action: receive`. Documents are written from
either side, so the words of the messages are weighed: an application that receives requests and sends answers is a
server. A document may end the question with `x-perspective`, a user with `perspective` in wirewright.toml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wirewright.errors import Problem
from wirewright.load.node import Node
from wirewright.load.resolved import Operation, Perspective
from wirewright.load.speech import Speaker, speaker_of
from wirewright.model.naming import words
from wirewright.model.types import Origin

SIDES = ("client", "server")
_CLIENT_WORDS = {"client", "consumer", "frontend", "browser", "sdk"}
_SERVER_WORDS = {"server", "backend", "service", "broker", "gateway"}  # what an API is called, whoever describes it
_CROSSED = {True: {"send", "publish", "emit", "push"}, False: {"receive", "recv", "listen", "consume"}}  # by `receives`


def settle_side(
    root: Node, spoken: Sequence[Operation], stated: str, where: Origin
) -> tuple[Perspective, list[Problem]]:
    """The side, why, and what contradicts it.

    Args:
        spoken: The operations as a client of the described application sees them: it receives what they send.
        stated: The side that the configuration says, at `where`.
    """
    key = root.get("x-perspective")
    guess = _guess(root, spoken)
    for text, origin in ((stated, where), (key.text() if key else "", key.origin if key else where)):
        if text and text not in SIDES:
            return guess, [Problem(origin, f"the perspective {text!r}", "write client or server")]
    if key is not None and stated and key.text() != stated:
        what = f"the document describes the {key.text()}, the configuration says {stated}"
        return guess, [Problem(key.origin, what, "they must agree", also=where)]
    if key is not None:
        return Perspective(key.text(), "x-perspective says so", True), []
    if stated:
        doubt = guess.side != stated and guess.sure
        problem = Problem(
            root.origin,
            f"this document describes the other side than configured ({stated}): {guess.why}",
            f"configure {guess.side}, or write `x-perspective: {stated}` into the document if it is right",
            id="perspective",
            also=where,
        )
        return Perspective(stated, "the configuration says so", True), [problem] if doubt else []
    right = f"write `x-perspective: {guess.side}` into the document or `perspective` into wirewright.toml to settle it"
    warning = Problem(root.origin, f"taken as the description of the {guess.side}: {guess.why}", right, warning=True)
    return guess, [warning] if spoken else []


def _guess(root: Node, spoken: Sequence[Operation]) -> Perspective:
    found = [*_of_title(root), *_of_replies(spoken), *_of_names(spoken), *_of_words(spoken)]  # below zero: the client
    score = sum(weight for weight, _ in found)
    if score == 0:
        why = "what tells contradicts itself" if found else "nothing tells"
        return Perspective("server", f"{why}, and most documents describe the server", False, sure=False)
    reasons = [reason for weight, reason in found if weight * score > 0]
    return Perspective("server" if score > 0 else "client", ", ".join(reasons), False, sure=abs(score) >= 2)


def _of_title(root: Node) -> Iterator[tuple[int, str]]:
    identifier = root.text("id").lower()
    found = {word.lower() for word in words(root.part("info").text("title"))}
    found |= {word for word in _CLIENT_WORDS | _SERVER_WORDS if identifier.endswith(word)}
    client, server = found & _CLIENT_WORDS, found & _SERVER_WORDS
    if client and not server:
        yield -2, f"its title says {min(client)!r}"
    if server and not client:
        yield 1, f"its title says {min(server)!r}"


def _of_replies(spoken: Sequence[Operation]) -> Iterator[tuple[int, str]]:
    answers = sum(one.replies is not None and one.sends for one in spoken)
    asks = sum(one.replies is not None and not one.sends for one in spoken)
    if answers != asks:
        yield (3, "it replies to what it receives") if answers > asks else (-3, "it is replied to")


def _of_names(spoken: Sequence[Operation]) -> Iterator[tuple[int, str]]:
    """Operations that are named for what the other side does: `sendOrder` where the application receives."""
    crossed = [one.name for one in spoken if {word.lower() for word in words(one.name)[:1]} & _CROSSED[one.sends]]
    if crossed:
        yield 1, f"it names operations for what its client does ({crossed[0]})"


def _of_words(spoken: Sequence[Operation]) -> Iterator[tuple[int, str]]:
    server = _count(spoken, True, Speaker.CLIENT) + _count(spoken, False, Speaker.SERVER)
    client = _count(spoken, False, Speaker.CLIENT) + _count(spoken, True, Speaker.SERVER)
    if server == client:
        return
    does = "it receives requests and sends answers" if server > client else "it sends requests and receives answers"
    clear = max(server, client) > 2 * min(server, client) and max(server, client) > 1
    weight = (2 if clear else 1) * (1 if server > client else -1)
    yield weight, f"by the words of its messages {does} ({max(server, client)} to {min(server, client)})"


def _count(spoken: Sequence[Operation], receives: bool, speaker: Speaker) -> int:
    """How many texts of one direction say that the message is this speaker's."""
    return sum(speaker_of(text) is speaker for one in spoken if one.sends == receives for text in _texts(one))


def _texts(one: Operation) -> Iterator[str]:
    """What is said of an operation and its messages; each message speaks with its name, else with its summary."""
    yield from (one.name, *(one.node.text(key) for key in ("summary", "title", "description")))
    yield from (message.name or message.title for message in one.messages)
