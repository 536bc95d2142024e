"""What plugins may bring."""

from __future__ import annotations

# What a plugin may bring, as Airflow lists it (documented).
PARTS = (
    "hooks",
    "executors",
    "macros",
    "flask_blueprints",
    "appbuilder_views",
    "appbuilder_menu_items",
    "global_operator_extra_links",
    "operator_extra_links",
    "ti_deps",
    "listeners",
    "timetables",
)

# The same for Airflow 3, in its order (observed).
PARTS_3 = (
    "macros",
    "flask_blueprints",
    "fastapi_apps",
    "fastapi_root_middlewares",
    "external_views",
    "react_apps",
    "appbuilder_views",
    "appbuilder_menu_items",
    "global_operator_extra_links",
    "operator_extra_links",
    "listeners",
    "timetables",
)
