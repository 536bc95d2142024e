"""Tasks as files declare them: operators, groups, TaskFlow, mapping, and what is wired to what."""
