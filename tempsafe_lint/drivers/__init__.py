"""The faces: each takes files or text from somewhere, asks the engine, and answers in the form that is wanted there."""
