"""Amazon MWAA: AWS's control plane with signed requests, and the web server that its tokens open.

In one server stand the hosts ``api.`` and ``env.airflow.REGION.amazonaws.com``, and the environment's own web server.
"""
