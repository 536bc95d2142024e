"""Datacoves: keys for My Airflow and Team Airflow."""
