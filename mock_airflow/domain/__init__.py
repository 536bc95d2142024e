"""Airflow's nouns and verbs in plain Python: no HTTP, no API version, no wall clock, no global randomness."""
