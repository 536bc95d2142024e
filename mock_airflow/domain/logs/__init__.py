"""The logs of attempts, as Airflow's web server reads them."""
