"""``python -m mock_airflow`` is the command ``mock-airflow``."""

import sys

from mock_airflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
