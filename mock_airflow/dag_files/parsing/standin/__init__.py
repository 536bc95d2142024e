"""Stand-ins for what DAG files import from Airflow: they record what a file declares, and run nothing."""
