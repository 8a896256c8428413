"""For tests of programs that use a generated client: an exchange on this machine, faults in a line, and time that you own."""

from wirewright_runtime.testing.clock import VirtualClock
from wirewright_runtime.testing.counters import Counters
from wirewright_runtime.testing.desk import Call, Entry, Refusal
from wirewright_runtime.testing.encode import encode
from wirewright_runtime.testing.examples import Examples
from wirewright_runtime.testing.exchange import FakeExchange
from wirewright_runtime.testing.faults import Fault, Script
from wirewright_runtime.testing.peers import Peer
from wirewright_runtime.testing.transport import ScriptedSocket, ScriptedTransport

__all__ = [
    "Call",
    "Counters",
    "Entry",
    "Examples",
    "FakeExchange",
    "Fault",
    "Peer",
    "Refusal",
    "Script",
    "ScriptedSocket",
    "ScriptedTransport",
    "VirtualClock",
    "encode",
]
