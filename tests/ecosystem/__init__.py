"""Released projects are fixed and their own tests run before and after: `python -m tests.ecosystem`."""
