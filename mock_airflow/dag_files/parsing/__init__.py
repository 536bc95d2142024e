"""DAG files read without an Airflow: a child process runs them against stand-ins for Airflow's modules.

``folder`` finds the files, ``children`` runs them, ``cache`` remembers what came out; ``child`` and ``standin`` are
what the child process consists of. They need the standard library alone, so that a child starts in a few milliseconds.
"""
