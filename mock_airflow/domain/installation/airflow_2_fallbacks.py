"""What Airflow 2.11.2 knows of the configuration beside the file: providers' sections, and options' old names.

The sections of `FALLBACKS`, of providers that are not installed, are listed with all the others, but cannot be asked
for by name (observed).
"""

from __future__ import annotations

FALLBACKS = """\
[atlas]
sasl_enabled = False
host =
port = 21000
username =
password =

[hive]
default_hive_mapred_queue =

[local_kubernetes_executor]
kubernetes_queue = kubernetes

[celery_kubernetes_executor]
kubernetes_queue = kubernetes

[celery]
celery_app_name = airflow.executors.celery_executor
worker_concurrency = 16
worker_prefetch_multiplier = 1
worker_enable_remote_control = true
broker_url = redis://redis:6379/0
result_backend_sqlalchemy_engine_options =
flower_host = 0.0.0.0
flower_url_prefix =
flower_port = 5555
flower_basic_auth =
sync_parallelism = 0
celery_config_options = airflow.config_templates.default_celery.DEFAULT_CELERY_CONFIG
ssl_active = False
ssl_key =
ssl_cert =
ssl_cacert =
pool = prefork
operation_timeout = 1.0
task_track_started = True
task_publish_max_retries = 3
worker_precheck = False

[elasticsearch]
host =
log_id_template = {dag_id}-{task_id}-{run_id}-{map_index}-{try_number}
end_of_log_mark = end_of_log
frontend =
write_stdout = False
json_format = False
json_fields = asctime, filename, lineno, levelname, message
host_field = host
offset_field = offset
index_patterns = _all

[elasticsearch_configs]
use_ssl = False
verify_certs = True

[opensearch]
host =
port =
username =
password =
log_id_template = {dag_id}-{task_id}-{run_id}-{map_index}-{try_number}
end_of_log_mark = end_of_log
write_stdout = False
json_format = False
json_fields = asctime, filename, lineno, levelname, message
host_field = host
offset_field = offset
index_patterns = _all
index_patterns_callable =

[opensearch_configs]
http_compress = False
use_ssl = False
verify_certs = False
ssl_assert_hostname = False
ssl_show_warn = False
ca_certs =

[kubernetes_executor]
api_client_retry_configuration =
logs_task_metadata = False
pod_template_file =
worker_container_repository =
worker_container_tag =
namespace = default
delete_worker_pods = True
delete_worker_pods_on_failure = False
worker_pods_creation_batch_size = 1
multi_namespace_mode = False
multi_namespace_mode_namespace_list =
in_cluster = True
kube_client_request_args =
delete_option_kwargs =
enable_tcp_keepalive = True
tcp_keep_idle = 120
tcp_keep_intvl = 30
tcp_keep_cnt = 6
verify_ssl = True
worker_pods_queued_check_interval = 60
ssl_ca_cert =
"""

Place = tuple[str, str]  # section and option

# Options that went to another section under the same name: from, to, which (code).
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
# Old names of options, which still lead to the new ones (code).
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
# A section that had another name until Airflow 2.5 (code).
RENAMED_SECTIONS = {"kubernetes": "kubernetes_executor"}
