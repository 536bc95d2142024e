"""From an Airflow that runs to a world file."""
