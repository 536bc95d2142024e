"""DAGs as files declare them: their arguments, params, schedules and datasets."""
