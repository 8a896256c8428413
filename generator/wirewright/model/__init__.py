"""The model: the spec's nouns as frozen data. It knows nobody: not its parser, not its templates."""
