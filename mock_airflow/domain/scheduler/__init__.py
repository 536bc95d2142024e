"""What Airflow's scheduler does, with time as the deployment's clock has it."""
