"""From a text to cards: recognise, convert, rewrite."""
