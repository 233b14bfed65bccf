"""What a program does with its temporary files: one solver, resources with their states, and what can be observed."""
