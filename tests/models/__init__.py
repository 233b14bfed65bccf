"""Rows of models: what each is good for, and what people see of them."""
