"""Pages in the exchange's layout, written for these tests."""

from __future__ import annotations

from pathlib import Path

TOY = Path(__file__).parents[1] / "load" / "fixtures" / "toy"
BOOK = """# Toy

## Market data requests

### Book

```javascript
{"id": "1", "method": "book", "params": {"symbol": "AAABBB", "limit": 5}}
```

The page's own words.

**Weight:**

| Limit | Weight |
| --- | --- |
| 1–100 | 5 |
| 101–500 | 12 |

**Parameters:**

Name | Type | Mandatory | Description
---- | ---- | --------- | -----------
`symbol` | STRING | YES | Words of the page.
`depth` | ENUM | NO | `DEEP` or `FLAT` | |
`limit` | INT | NO |
`endTime` | LONG | NO | Until when.

**Response:**

```javascript
{
  "id": "1",
  "status": 200,
  "result": {
    "lastId": 7,
    "made": "1.5",   // How much was made
    "bids": [["1.50", "3"]],
    "asks": [],
    "limitations": [{"kind": "PRICE", "lowest": "0.1"}, {"kind": "COUNT", "most": 3,}]
  }
}
```
"""
OTHER = """
### Peek (USER_DATA)

```json
{"id": "9", "method": "peek", "params": {"symbol": "A", "apiKey": "REALKEYREALKEYREALKEY", "timestamp": 1}}
```

Looks at an order.

**Weight:** 4

**Parameters:**

<table>
<tr><th>Name</th><th>Type</th><th>Mandatory</th><th>Description</th></tr>
<tr><td><code>id</code></td><td>LONG</td><td rowspan="2">YES</td><td>One | two.</td></tr>
<tr><td><code>newId</code></td><td>STRING</td><td>The other.</td></tr>
<tr><td><code>side</code></td><td>ENUM</td><td>NO</td><td></td></tr>
<tr><td><code>apiKey</code></td><td>STRING</td><td>YES</td><td></td></tr>
<tr><td><code>timestamp</code></td><td>LONG</td><td>YES</td><td></td></tr>
</table>

**Response:**

```json
{"id": "9", "status": 200, "result": {
"price": "1.50", "t": 1700000000000, /* Trade time */
...}}
```
"""

STREAM = """
## Late Stream

**Stream Name:** `<symbol>@late` or `<symbol>@late@100ms`

**Update Speed:** 100ms

**Payload:**

```json
{
  "e": "late",  // Event type
  "E": 1700000000000,
  "q": "5"  // How late
}
```

### -7 GONE

* It is gone.

## Order status (status)

Status | Description
---|---
`OPEN` | It is open.
`LOST` | Nobody's.
"""
