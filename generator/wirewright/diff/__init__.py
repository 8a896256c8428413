"""What a change of specs means: compares two resolved models, and tells each difference once. Knows only the model."""
