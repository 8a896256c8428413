"""From the model to text: `{path: text}`, pure. It touches no disk but the templates."""
