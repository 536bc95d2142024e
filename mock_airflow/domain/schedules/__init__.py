"""Schedules: the moments that cron expressions name, partitions, and what a generation of Airflow makes of them."""
