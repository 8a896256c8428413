"""Pages of an exchange's documentation into our tables: `import_pages` reads, compares and edits; it writes nothing."""

from wirewright.pages.adopt import Order, import_pages
from wirewright.pages.report import Change, PageReport, Report

__all__ = ["Change", "Order", "PageReport", "Report", "import_pages"]
