"""Documents that `wirewright generate` wrote (`x-model` says so), read back into the model that they were made of."""

from wirewright.load.emitted.api import api_of_emitted, is_emitted

__all__ = ["api_of_emitted", "is_emitted"]
