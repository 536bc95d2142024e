"""Where ``mock-airflow serve`` listens, unless it is told otherwise."""

PORT = 8080
SERVED_AT = f"http://127.0.0.1:{PORT}"
