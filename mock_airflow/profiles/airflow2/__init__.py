"""An Airflow 2 of one's own."""
