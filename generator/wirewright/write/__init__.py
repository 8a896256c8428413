"""From text to files: formatting, writing, comparing."""
