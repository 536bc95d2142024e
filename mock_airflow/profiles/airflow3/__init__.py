"""An Airflow 3 of one's own: bearer tokens from ``/auth/token``."""
