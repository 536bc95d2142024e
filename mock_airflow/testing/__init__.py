"""What a test holds: an Airflow, its clock and controls, and what is expected of it."""
