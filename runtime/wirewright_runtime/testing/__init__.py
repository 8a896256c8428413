"""For tests of programs that use a generated client: an exchange on this machine, faults in a line, and time that you own."""

from wirewright_runtime.testing.clock import VirtualClock as VirtualClock
from wirewright_runtime.testing.counters import Counters as Counters
from wirewright_runtime.testing.desk import Call as Call, Entry as Entry, Refusal as Refusal
from wirewright_runtime.testing.encode import encode as encode
from wirewright_runtime.testing.examples import Examples as Examples
from wirewright_runtime.testing.exchange import FakeExchange as FakeExchange
from wirewright_runtime.testing.faults import Fault as Fault, Script as Script
from wirewright_runtime.testing.peers import Peer as Peer
from wirewright_runtime.testing.transport import (
    ScriptedSocket as ScriptedSocket,
    ScriptedTransport as ScriptedTransport,
)
