"""The budgets, measured: `python -m benchmarks` prints each figure beside its budget and what it was compared with."""
