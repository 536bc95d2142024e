"""Old names under which Airflow 2.11.2 still finds options of its configuration (code)."""

from __future__ import annotations

Place = tuple[str, str]  # section and option

# Options that went to another section under the same name: from, to, which.
_MOVED = (
    (
        "core",
        "logging",
        "base_log_folder remote_logging remote_log_conn_id remote_base_log_folder encrypt_s3_logs logging_level "
        "fab_logging_level logging_config_class colored_console_log colored_log_format colored_formatter_class "
        "log_format simple_log_format task_log_prefix_template log_filename_template log_processor_filename_template "
        "dag_processor_manager_log_location task_log_reader use_historical_filename_templates",
    ),
    (
        "core",
        "database",
        "sql_alchemy_conn sql_engine_encoding sql_alchemy_pool_enabled sql_alchemy_pool_size sql_alchemy_max_overflow "
        "sql_alchemy_pool_recycle sql_alchemy_pool_pre_ping sql_alchemy_schema load_default_connections max_db_retries",
    ),
    (
        "scheduler",
        "metrics",
        "statsd_on statsd_host statsd_port statsd_prefix stat_name_handler statsd_datadog_enabled statsd_datadog_tags "
        "statsd_datadog_metrics_tags",
    ),
    ("webserver", "fab", "update_fab_perms auth_rate_limited auth_rate_limit"),
    ("celery", "operators", "default_queue"),
    ("celery", "logging", "worker_log_server_port"),
)
RENAMED: dict[Place, Place] = {
    **{(before, option): (after, option) for before, after, options in _MOVED for option in options.split()},
    ("admin", "hide_sensitive_variable_fields"): ("core", "hide_sensitive_var_conn_fields"),
    ("admin", "sensitive_variable_fields"): ("core", "sensitive_var_conn_names"),
    ("api", "access_control_allow_origin"): ("api", "access_control_allow_origins"),
    ("api", "auth_backend"): ("api", "auth_backends"),
    ("core", "dag_concurrency"): ("core", "max_active_tasks_per_dag"),
    ("core", "non_pooled_task_slot_count"): ("core", "default_pool_task_slot_count"),
    ("kubernetes_executor", "worker_pods_pending_timeout_check_interval"): (
        "scheduler",
        "task_queued_timeout_check_interval",
    ),
    ("metrics", "statsd_allow_list"): ("metrics", "metrics_allow_list"),
    ("metrics", "statsd_block_list"): ("metrics", "metrics_block_list"),
    ("scheduler", "deactivate_stale_dags_interval"): ("scheduler", "parsing_cleanup_interval"),
    ("scheduler", "max_threads"): ("scheduler", "parsing_processes"),
    ("scheduler", "processor_poll_interval"): ("scheduler", "scheduler_idle_sleep_time"),
}
# A section that had another name until Airflow 2.5.
RENAMED_SECTIONS = {"kubernetes": "kubernetes_executor"}
