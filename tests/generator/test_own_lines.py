"""Adding a method to the specs changes its own lines of the generated code, and no other."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

from wirewright import pipeline
from wirewright.config import load_config

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
[packages.made]
out = "out"
[packages.made.products.coinm]
spec = "specs"
title = "COIN-M"
"""
METHOD = """## Count Orders

```json
{"id": "1", "method": "order.count", "params": {"symbol": "BTCUSD_PERP", "apiKey": "x", "signature": "y", "timestamp": 1}}
```

How many orders are open.

**Security:** USER_DATA
**Weight:** 3

**Parameters:**

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| symbol | STRING | YES | Contract, such as `BTCUSD_PERP`. |
| apiKey | STRING | YES | API key. |
| signature | STRING | YES | Signature. |
| timestamp | TIME | YES | When the request was made. |

**Response:** `OrderCount`

```json
{"id": "1", "status": 200, "result": {"orders": 3}}
```

"""


def made(folder: Path) -> dict[str, list[str]]:
    """The generated files, without the manifest of their hashes."""
    pipeline.generate(load_config(folder / "wirewright.toml"))
    files = sorted(path for path in (folder / "out").rglob("*") if path.is_file() and path.name != ".wirewright.json")
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").splitlines() for path in files}


def test_a_new_method_touches_nothing_else(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "specs" / "binance" / "coinm", tmp_path / "specs")
    (tmp_path / "wirewright.toml").write_text(CONFIG)
    before = made(tmp_path)

    document, table = tmp_path / "specs" / "asyncapi.yaml", tmp_path / "specs" / "trading.md"
    document.write_text(
        document.read_text().replace("- order.status\n", "- order.status\n              - order.count\n", 1)
    )
    text = table.read_text()
    table.write_text(text.replace("## Cancel Order\n", f"{METHOD}## Cancel Order\n", 1))
    after = made(tmp_path)

    assert before.keys() == after.keys()
    removed = [
        f"{path}: {line}"
        for path in before
        for line in difflib.unified_diff(before[path], after[path], n=0, lineterm="")
        if line.startswith("-") and not line.startswith("---")
    ]
    assert not removed
    assert any("class OrderCount(Request[models.OrderCount]" in line for line in after["out/coinm/requests.py"])
    assert any("async def order_count(" in line for line in after["out/coinm/api.py"])
