"""The pytest plugin, installed as `pytest_mock_airflow`."""
