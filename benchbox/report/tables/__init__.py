"""From views to tables of text, the same for Markdown, HTML and the terminal; each form makes names harmless its own way."""
