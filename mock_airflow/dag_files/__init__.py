"""A folder of DAG files, read without an Airflow."""
