"""How Airflow 2 takes requests in, words errors and writes answers."""
