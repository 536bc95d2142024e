"""A company's own proxy before Airflow, made by settings alone: header, scheme, key or JWT, subject, words, roles."""
