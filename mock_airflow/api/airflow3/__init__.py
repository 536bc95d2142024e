"""How Airflow 3 takes requests in, words errors and writes answers."""
