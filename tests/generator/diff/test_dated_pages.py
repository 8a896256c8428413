"""Two dated pages: what stands beside any endpoint (values, filters, error messages) is compared, and words alone are no change."""

from __future__ import annotations

from pathlib import Path

from wirewright.compare import compare_versions
from wirewright.versions import versions_of_paths

LISTS = """# Values

## Phase of a match (phase)

* `OPEN`
* `SHUT`

## Limits

### MOST

```javascript
{"limitType": "MOST", "most": 3}
```

### SIZE

Counts for these, say:

* AAABBB
* CCCBBB

```javascript
{"limitType": "SIZE", "size": "0.1"}
```
"""
ERRORS = """# Errors

### -7 TOO_SOON
* Wait.

## Messages for -7 TOO_SOON, -8 TOO_LATE

Error message | Description
---- | ----
"No such match." | Nobody plays.
"It is over." / "It was over." | The match has ended. <br> Two lines of the cell:
 `a` and `b`
"Not you." | Somebody else plays.

### -9 Half of it failed
One of two parts failed.
"""
STREAM = """# Streams

## All Scores

Scores of all.

**Stream Name:** !scores@arr
**Update Speed:** 1000ms

**Payload:**
```javascript
[
  {
    // Same as the payload of one
  }
]
```

## Points

**Stream Name:** \\<match\\>@points
**Update Speed:** 1000ms

**Payload:**
```javascript
{
  "e": "points",  // Event type
  "p": 3,         // Points
  "x": 4          // Extra; This is only visible if the match was long.
}
```

**Kinds of points:**

* `NORMAL` - For a hit.
* `EXTRA`
"""


def changes(folder: Path, old: str, new: str) -> list[tuple[str, str, str]]:
    """(rule, what is different, how) of two pages."""
    before, after = folder / "old.md", folder / "new.md"
    before.write_text(old, encoding="utf-8")
    after.write_text(new, encoding="utf-8")
    found = compare_versions(versions_of_paths(before, after, None), None, "").changes
    return [(one.rule.id, one.subject, one.what) for one in found]


def test_a_page_of_nothing_but_lists(tmp_path: Path) -> None:
    assert changes(tmp_path, LISTS, LISTS) == []
    new = LISTS.replace("* `SHUT`\n", "* `LATE`\n").replace("phase)", "phase, state)")
    assert changes(tmp_path, LISTS, new) == [
        ("enum-value-removed", "PhaseOfAMatch", "value `SHUT` removed"),
        ("enum-value-added", "PhaseOfAMatch", "value `LATE` added"),
    ]
    assert changes(tmp_path, LISTS.replace("* `OPEN`\n* `SHUT`\n", ""), LISTS) == [
        ("examples-say-more", "PhaseOfAMatch", "shown now")
    ]


def test_objects_that_a_key_tells_apart(tmp_path: Path) -> None:
    """Also where a list of names stands beside one: that is no enumeration."""
    old, _, _ = LISTS.partition("### SIZE")
    assert changes(tmp_path, old, LISTS) == [("branch-added-tagged", "Limit", "branch SizeLimit (`SIZE`) added")]
    new = LISTS.replace('"most": 3}', '"most": 3, "least": 1}')
    assert changes(tmp_path, LISTS, new) == [
        ("property-added-required", "`least` of MostLimit", "added, required (integer)")
    ]


def test_errors_with_words_for_a_name_and_messages(tmp_path: Path) -> None:
    old = ERRORS.partition("### -9")[0].replace('"It is over." / ', "").replace("Not you.", "Not I.")
    assert sorted(changes(tmp_path, old, ERRORS)) == [
        ("error-added", "error -9", "added: One of two parts failed."),
        (
            "error-added",
            'error message "It is over."',
            "added: The match has ended. Two lines of the cell: `a` and `b`",
        ),
        ("error-added", 'error message "Not you."', "added: Somebody else plays."),
        ("error-removed", 'error message "Not I."', "removed: Somebody else plays."),
    ]


def test_a_heading_that_says_deprecated_is_the_same_stream(tmp_path: Path) -> None:
    new = STREAM.replace("## All Scores", "## All Scores (DEPRECATED)")
    assert changes(tmp_path, STREAM, new) == [("deprecated", "stream !scores@arr", "The exchange calls it deprecated.")]


def test_a_condition_in_a_comment_and_in_a_table_are_one(tmp_path: Path) -> None:
    page = STREAM.partition("## Points")[2].partition("**Kinds")[0]
    page = "# User data\n\n## Points" + page.replace(
        "**Stream Name:** \\<match\\>@points\n**Update Speed:** 1000ms\n", ""
    )
    table = "\n### Conditional fields\n\nField | Name | Description | Example\n--- | --- | --- | ---\n"
    table += '`x` | Extra | Appears only if the match was long. | `"x": 4`\n'
    new = page.replace('  "x": 4          // Extra; This is only visible if the match was long.\n', "") + table
    assert {rule for rule, _, _ in changes(tmp_path, page, new)} == {"docs-changed"}


def test_values_under_a_label_of_an_endpoint(tmp_path: Path) -> None:
    assert changes(tmp_path, STREAM, STREAM + "* `OWN`\n") == [
        ("enum-value-added", "KindsOfPoints", "value `OWN` added")
    ]


def test_an_error_message_that_raises_another_class(tmp_path: Path) -> None:
    table = (
        "# Errors\n\n**Codes:** `-7`\n\n| Message | Error | Meaning |\n| --- | --- | --- |\n| No. | {} | Refused. |\n"
    )
    sides = []
    for name, error in (("one", "OrderRejected"), ("two", "UnknownOrder")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "errors.md").write_text(table.format(error), encoding="utf-8")
        (folder / "asyncapi.yaml").write_text("asyncapi: 2.6.0\ninfo: {title: A, version: '1'}\nchannels: {}\n")
        (folder / "toy.md").write_text("## T\n\n**Type:** `T`\n", encoding="utf-8")
        sides.append(folder)
    found = compare_versions(versions_of_paths(*sides, None), None, "").changes
    assert [(one.rule.id, one.subject) for one in found] == [("error-changed", 'error message "No."')]
