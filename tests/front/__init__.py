"""The front: outline, parsing, names, lowering, spans."""
