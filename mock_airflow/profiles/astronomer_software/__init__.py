"""Astronomer Software (Enterprise, Private Cloud): service accounts of Houston, the platform's API.

In one server stand, by path, the three hosts that an installation has: ``houston.`` (``/v1``), ``app.`` (``/login``,
``/token``) and ``deployments.`` (``/<release>/airflow/...``).
"""
