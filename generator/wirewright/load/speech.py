"""Who says a message, the client or the server, by the words that are used for it."""

from __future__ import annotations

import re
from enum import Enum

from wirewright.model.naming import words


class Speaker(Enum):
    CLIENT = "client"
    SERVER = "server"
    NOBODY = ""  # the words do not tell


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASKS = _set(
    """
    request subscribe unsubscribe command cmd login logon logout authenticate authorize auth cancel query get ping
    outgoing client place call create join leave set start stop submit register add remove delete fetch search
    configure req
    """
)
_TELLS = _set(
    """
    response reply answer result event update updated notification data snapshot status error ack pong heartbeat
    server incoming welcome hello subscribed feed tick ticker resp res push
    """
)
_ENDS = dict.fromkeys(("request", "req", "command", "cmd"), Speaker.CLIENT) | dict.fromkeys(
    ("response", "resp", "reply", "result", "event", "notification", "ack"), Speaker.SERVER
)
_NO_PARTICIPLES = _set("need named speed seed embed shed breed exceed proceed")

_CLIENT, _SERVER = r"\bclients?\b", r"\b(?:server|backend)\b"
_SENDS = (
    r"(?:send|sent|publish|emit|request|ask|call|submit|subscribe|tell|push|broadcast|notif|respond|return|repl|stream)"
)
_GETS = r"(?:receive|get|is notified|listen|accept|expect|read)"
_NEAR = r"[\w ,/'-]{0,30}?\b"
_PHRASES = tuple(
    (re.compile(pattern, re.IGNORECASE), speaker)
    for pattern, speaker in (
        (rf"{_CLIENT}\W*(?:->|→|to)\W*(?:the )?{_SERVER}", Speaker.CLIENT),
        (rf"{_SERVER}\W*(?:->|→|to)\W*(?:the )?{_CLIENT}", Speaker.SERVER),
        (r"^(?:receives?|recibir)\b(?!.*\bfrom\b)", Speaker.SERVER),  # prose speaks to whoever writes a client
        (rf"{_CLIENT}{_NEAR}{_GETS}", Speaker.SERVER),
        (rf"{_SERVER}{_NEAR}{_GETS}", Speaker.CLIENT),
        (rf"{_CLIENT}{_NEAR}{_SENDS}", Speaker.CLIENT),
        (rf"{_SERVER}{_NEAR}{_SENDS}", Speaker.SERVER),
        (rf"\b(?:to|with) (?:[\w-]+ ){{0,4}}?{_SERVER}", Speaker.CLIENT),
        (rf"\b(?:from|by) (?:[\w-]+ ){{0,4}}?{_SERVER}", Speaker.SERVER),
        (rf"\b(?:to|at) (?:[\w-]+ ){{0,4}}?{_CLIENT}", Speaker.SERVER),
        (rf"\b(?:from|by) (?:[\w-]+ ){{0,4}}?{_CLIENT}", Speaker.CLIENT),
    )
)
_OPENINGS = {"receive": Speaker.SERVER, "receives": Speaker.SERVER, "recibir": Speaker.SERVER} | dict.fromkeys(
    ("send", "sends"), Speaker.CLIENT
)


def speaker_of(text: str) -> Speaker:
    """Who says what is called so, or described so."""
    if " " in text.strip():
        found = _phrase(text)
        if found is not None:
            return found
    spoken = [word.lower() for word in words(text)]
    if spoken and len(spoken) < 6 and spoken[-1] in _ENDS:
        return _ENDS[spoken[-1]]
    asks, tells = not _ASKS.isdisjoint(spoken), any(word in _TELLS or _is_participle(word) for word in spoken)
    return Speaker.NOBODY if asks == tells else Speaker.CLIENT if asks else Speaker.SERVER


def _phrase(text: str) -> Speaker | None:
    """Of the phrases that name a side the first is what a text is about; else it may open with what is done."""
    found = [(match.start(), speaker) for pattern, speaker in _PHRASES if (match := pattern.search(text))]
    if found:
        return min(found, key=lambda one: one[0])[1]
    opening = re.match(r"\w+", text)
    return _OPENINGS.get(opening.group().lower()) if opening else None


def _is_participle(word: str) -> bool:
    """`created`, `joined`: something has happened."""
    return word.endswith("ed") and len(word) > 4 and word not in _NO_PARTICIPLES
