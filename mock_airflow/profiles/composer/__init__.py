"""Google Cloud Composer: bearer tokens of a made-up Google, and its API for environments.

In one server stand, by path, the hosts that Google has: the one for tokens (``/token``), a machine's metadata server
(``/computeMetadata``), the Composer API (``/v1/projects/...``) and the environment's web server (all other paths).
"""
