"""A family of rules (docs/architecture.md)."""
