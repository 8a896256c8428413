"""How large a document may be before parts of it are read as any JSON: far more than people write, and little enough to stay quick."""

from __future__ import annotations

MEMBERS = 1_000  # channels, operations, messages, servers; properties or values or parts of one schema
BRANCHES = 400  # of one union: each is compared with each
FIELDS = 20_000  # of all structures together
