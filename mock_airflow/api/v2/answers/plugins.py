"""How answers about plugins and providers look."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, with_config
from typing_extensions import NotRequired, TypedDict


@with_config(ConfigDict(extra="allow"))
class FastAPIAppResponse(TypedDict):
    """An app of a plugin."""

    app: str
    url_prefix: str
    name: str


@with_config(ConfigDict(extra="allow"))
class FastAPIRootMiddlewareResponse(TypedDict):
    """A middleware of a plugin."""

    middleware: str
    name: str


@with_config(ConfigDict(extra="allow"))
class ExternalViewResponse(TypedDict):
    """A page elsewhere that a plugin links to."""

    name: str
    icon: NotRequired[str | None]
    icon_dark_mode: NotRequired[str | None]
    url_route: NotRequired[str | None]
    category: NotRequired[str | None]
    nav_top_level: NotRequired[Annotated[bool | None, Field(json_schema_extra={"default": False})]]
    href: str
    destination: NotRequired[
        Annotated[
            Literal["nav", "dag", "dag_run", "task", "task_instance", "base"],
            Field(json_schema_extra={"default": "nav"}),
        ]
    ]


@with_config(ConfigDict(extra="allow"))
class ReactAppResponse(TypedDict):
    """A React app of a plugin."""

    name: str
    icon: NotRequired[str | None]
    icon_dark_mode: NotRequired[str | None]
    url_route: NotRequired[str | None]
    category: NotRequired[str | None]
    nav_top_level: NotRequired[Annotated[bool | None, Field(json_schema_extra={"default": False})]]
    bundle_url: str
    destination: NotRequired[
        Annotated[
            Literal["nav", "dag", "dag_run", "task", "task_instance", "base", "dashboard"],
            Field(json_schema_extra={"default": "nav"}),
        ]
    ]


@with_config(ConfigDict(extra="allow"))
class AppBuilderViewResponse(TypedDict):
    """A view of a plugin."""

    name: NotRequired[str | None]
    category: NotRequired[str | None]
    view: NotRequired[str | None]
    label: NotRequired[str | None]


@with_config(ConfigDict(extra="allow"))
class AppBuilderMenuItemResponse(TypedDict):
    """A menu item of a plugin."""

    name: str
    href: str
    category: NotRequired[str | None]


class PluginResponse(TypedDict):
    """A plugin."""

    name: str
    macros: list[str]
    flask_blueprints: list[str]
    fastapi_apps: list[FastAPIAppResponse]
    fastapi_root_middlewares: list[FastAPIRootMiddlewareResponse]
    external_views: list[ExternalViewResponse]
    react_apps: list[ReactAppResponse]
    appbuilder_views: list[AppBuilderViewResponse]
    appbuilder_menu_items: Annotated[list[AppBuilderMenuItemResponse], Field(json_schema_extra={"deprecated": True})]
    global_operator_extra_links: list[str]
    operator_extra_links: list[str]
    source: str
    listeners: list[str]
    timetables: list[str]


class PluginImportErrorResponse(TypedDict):
    """A plugin that could not be read."""

    source: str
    error: str


class ProviderResponse(TypedDict):
    """A provider."""

    package_name: str
    description: str
    version: str
    documentation_url: str | None
