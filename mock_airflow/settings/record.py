"""Settings: one frozen record, the only list of options.

The command line, the environment (``MOCK_AIRFLOW_<NAME>``), a world file's ``settings``, the pytest marker and the
fixtures all read this record, so an option exists everywhere or nowhere. Names are Airflow's own where it has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal

from mock_airflow.errors import SettingError
from mock_airflow.profiles.airbyte.settings import AirbyteSettings
from mock_airflow.profiles.airflow3.settings import Airflow3Settings
from mock_airflow.profiles.anomalyarmor.settings import AnomalyArmorSettings
from mock_airflow.profiles.astro.settings import AstroSettings
from mock_airflow.profiles.astronomer_software.settings import AstronomerSoftwareSettings
from mock_airflow.profiles.composer.settings import ComposerSettings
from mock_airflow.profiles.datacoves.settings import DatacovesSettings
from mock_airflow.profiles.gateway.settings import GatewaySettings
from mock_airflow.profiles.mwaa.settings import MwaaSettings
from mock_airflow.settings.dag_files import DagFolderSettings
from mock_airflow.settings.persistence import PersistenceSettings
from mock_airflow.settings.spelling import nearest
from mock_airflow.settings.tls import TlsSettings
from mock_airflow.settings.values import (
    airflow_release,
    choice,
    files,
    header_text,
    header_texts,
    moment,
    one_of,
    option,
    or_none,
    positive,
    settings_part,
    several,
    text,
    web_address,
    whole,
    yes_or_no,
)

PROFILES = (
    "airflow2",
    "datacoves",
    "astronomer-software",
    "astro",
    "composer",
    "gateway",
    "mwaa",
    "anomalyarmor",
    "airbyte",
    "airflow3",
)
LIMIT_HEADERS = ("none", "x-ratelimit-unix", "x-ratelimit-delta", "ietf", "ietf-07", "ietf-06")
RETRY_AFTER = ("seconds", "date", "absent", "zero", "past", "absurd", "malformed")

_NEAR = 5  # how many settings are told that share a word with a misspelt one


@settings_part
class GeneralSettings:
    """The part of Settings that concerns every deployment."""

    profile: str = option("airflow2", one_of(*PROFILES), "how access is handed out and checked: " + ", ".join(PROFILES))
    world: tuple[str, ...] = option(
        (),
        files,
        "a world file, or the name of one that is built in; several are merged",
        metavar="FILE|NAME",
        unsaved=True,
    )
    user: tuple[str, ...] = option((), several, "a user of its own", metavar="NAME:PASSWORD:ROLE", secret=True)
    key: tuple[str, ...] = option((), several, "an API key of its own", metavar="SECRET:SCOPE[:TIER]", secret=True)
    rate_limit: str | None = option(None, or_none(text), "how many requests a credential may make, such as 500/minute")
    burst: str | None = option(None, or_none(text), "how many of them at once, such as 25/second")
    concurrency: int | None = option(None, or_none(whole(1)), "how many may be answered at once", metavar="N")
    tier: str | None = option(None, or_none(text), "a rate limit and burst by name, such as growth", metavar="NAME")
    limit_algorithm: str = option(
        "token-bucket",
        one_of("token-bucket", "fixed-window", "sliding-window", "sliding-counter"),
        "how requests are counted: token-bucket, fixed-window, sliding-window, sliding-counter",
    )
    limit_per: str = option(
        "credential",
        text,
        "what requests are counted by: credential, user, endpoint, address, deployment, or some joined by +",
    )
    limit_headers: str | None = option(
        None,
        or_none(one_of(*LIMIT_HEADERS)),
        "the headers that tell of a limit, instead of the profile's own: " + ", ".join(LIMIT_HEADERS),
        metavar="STYLE",
    )
    retry_after: str | None = option(
        None,
        or_none(one_of(*RETRY_AFTER)),
        "what a 429 says in Retry-After, instead of the profile's own: " + ", ".join(RETRY_AFTER),
        metavar="FORM",
    )
    clock: datetime | None = option(None, or_none(moment), "the moment at which the clock starts", metavar="TIME")
    frozen: bool = option(False, yes_or_no, "start with a clock that stands still")
    speed: float = option(1.0, positive, "seconds on the clock in a real second", metavar="N")
    runs: Literal["timed", "instant", "manual"] = option(
        "timed", one_of("timed", "instant", "manual"), "how runs live: by the clock, at once, or never started"
    )
    runs_per_move: int = option(
        50_000, whole(1, 10**9), "how many runs the schedules may make when the clock is moved", metavar="N", rare=True
    )
    event_logs_kept: int = option(
        50_000,
        whole(1, 10**9),
        "about how many rows of Airflow's audit log are kept, the oldest giving way; a real one keeps all",
        metavar="N",
        rare=True,
    )
    seed: int = option(0, whole(0), "what ids, tokens and durations are drawn from", metavar="N")
    airflow_version: str = option("2.11.2", airflow_release, "which Airflow it is: 2.x has /api/v1, 3.x has /api/v2")
    hostname: str = option("mock-airflow", text, "the host that task instances ran on", rare=True)
    maximum_page_limit: int = option(100, whole(1), "[api] the most items of a page")
    fallback_page_limit: int | None = option(
        None, or_none(whole(1)), "[api] the items of a page when none are asked for; 100, and 50 in Airflow 3"
    )
    allowed_payload_size: float = option(1.0, positive, "[webserver] how many MiB the body of a request may have")
    base_url: str = option(
        "http://localhost:8080",
        web_address,
        "[webserver] where Airflow says it is; the path in it is put before all of its own",
        example="http://localhost:8080/team-a",
    )
    keep_alive: bool = option(
        True, yes_or_no, "keep connections open between requests; Airflow's own web server closes each", rare=True
    )
    access_control_allow_origins: tuple[str, ...] = option(
        (), header_texts, "[api] origins that browsers may call from"
    )
    access_control_allow_headers: str = option("", header_text, "[api] headers that browsers may send")
    access_control_allow_methods: str = option("", header_text, "[api] methods that browsers may use")
    auth_backends: tuple[str, ...] = option(
        ("basic_auth", "session"), several, "[api] ways to authenticate, in order: basic_auth, session, deny_all"
    )
    auth_role_public: str | None = option(
        "Public",
        or_none(text),
        "the role of requests without credentials; empty for none (401 instead of 403)",
        rare=True,
    )
    expose_config: str = option(
        "False", choice("False", "True", "non-sensitive-only"), "[webserver] whether the API tells the configuration"
    )
    test_connection: str = option(
        "Disabled", choice("Disabled", "Enabled", "Hidden"), "[core] whether connections may be tested"
    )
    enable_experimental_api: bool | None = option(
        None,
        or_none(yes_or_no),
        "[api] serve /api/experimental too, which checks no permissions; empty for the profile's own (off but for"
        " astronomer-software)",
    )
    enable_xcom_deserialize_support: bool = option(
        False, yes_or_no, "[api] let xcoms be read with deserialize=true, by their own classes"
    )
    airflow_bugs: bool = option(True, yes_or_no, "fail with a 500 page where a real Airflow does; else answer 400")
    explain_header: bool = option(False, yes_or_no, "say in X-Mock-Airflow-Reason why a request was refused")
    request_id_header: bool = option(
        False, yes_or_no, "say in X-Mock-Airflow-Request-Id which request it was", rare=True
    )
    journal_size: int = option(1000, whole(0, 10**7), "how many requests the journal keeps", metavar="N")
    journal_bytes: int = option(
        64_000_000,
        whole(100_000, 10**12),
        "about how many bytes of memory those may take",
        metavar="N",
        example="1000000",
        rare=True,
    )
    kept_snapshots: int = option(
        100, whole(1, 10**6), "how many snapshots are kept that the control API was asked for", metavar="N", rare=True
    )
    virtual_days: int = option(
        3650,
        whole(1, 80_000),
        "by how many days virtual_sleep may move the clock until that is held to be a poll that never ends",
        metavar="N",
    )
    virtual_sleeps: int = option(
        10_000,
        whole(1),
        "how many sleeps under virtual_sleep are held to be a poll that never ends",
        metavar="N",
        rare=True,
    )
    strict: bool = option(False, yes_or_no, "fail a test, or `serve` at its end, after an error that nobody expected")
    read_only: bool = option(
        False, yes_or_no, "refuse whatever would change something, in the control API too", rare=True
    )
    control_token: str | None = option(
        None, or_none(text), "opens the control API to other hosts that send it as a bearer token", secret=True
    )


@settings_part
class ProfileSettings(
    Airflow3Settings,
    AstroSettings,
    AnomalyArmorSettings,
    AstronomerSoftwareSettings,
    AirbyteSettings,
    DatacovesSettings,
    ComposerSettings,
    GatewaySettings,
    MwaaSettings,
):
    """The part of Settings that belongs to vendors; each stands in its vendor's folder."""


def profile_of(setting: str) -> str | None:
    """The profile whose own a setting is; None for one that concerns several, or that is unknown."""
    return _profiles_of_settings().get(setting.replace("-", "_"))


@cache
def _profiles_of_settings() -> dict[str, str]:
    parts = {part: part.__module__.split(".")[-2].replace("_", "-") for part in ProfileSettings.__bases__}
    return {field.name: profile for part, profile in parts.items() for field in fields(part)}


def vendor_of(setting: str) -> str | None:
    """The hosted vendor's profile that a setting is for; None for any other."""
    profile = profile_of(setting)
    return None if profile is None or profile.startswith("airflow") else profile


@settings_part
class Settings(
    ProfileSettings, TlsSettings, PersistenceSettings, DagFolderSettings, GeneralSettings
):  # lists of them begin with the last one's
    """How a deployment behaves. ``Settings.of(...)`` checks values that come from outside.

    It takes each setting by keyword; one that is not given is as its class has it. To have a method written out for all
    of them, as dataclasses do, would be a tenth of what a session's first test takes.
    """

    if not TYPE_CHECKING:  # to a type checker they are those that a dataclass writes

        def __init__(self, **values: Any) -> None:
            unknown = values.keys() - {field.name for field in fields(self)}
            if unknown:
                raise TypeError(f"There is no setting {min(unknown)!r}.")
            vars(self).update(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def generation(self) -> int:
        """Which generation of Airflow it is: 2 or 3."""
        return 3 if self.airflow_version.startswith("3") else 2

    @property
    def fab_auth_manager(self) -> bool:
        """Whether an Airflow 3 has the FAB auth manager, with users, roles and permissions of its own.

        Where nothing is said, it does behind a vendor's gate (documented for Composer; assumed for the others).
        """
        return self.auth_manager == "fab" or (self.auth_manager is None and not self.profile.startswith("airflow"))

    def resolved(self) -> Settings:
        """The settings with profile and version fitting each other: an Airflow 3 has tokens of its own.

        Raises SettingError for an auth manager that the version does not have.
        """
        if self.profile == "airflow3" and self.generation == 2:
            return replace(self, airflow_version="3.3.2")
        if self.generation == 2 and self.auth_manager == "fab":
            raise SettingError(
                f"auth_manager is a setting of Airflow 3, and an Airflow {self.airflow_version} has FAB's users and"
                " roles anyway; leave auth_manager out, or set airflow_version=3.3.2 as well."
            )
        if self.profile == "airflow2" and self.generation == 3:
            return replace(self, profile="airflow3")
        return self

    @staticmethod
    def of(base: Settings | None = None, **values: Any) -> Settings:
        """Settings from ``base`` (the defaults) and outside values. Raises SettingError for a bad name or value."""
        known = {field.name: field for field in fields(Settings)}
        parsed: dict[str, Any] = {}
        for name, value in values.items():
            field = known.get(name.replace("-", "_"))
            if field is None:
                raise SettingError(f"There is no setting {name!r}; {_near(name, known)}")
            try:
                parsed[field.name] = field.metadata["parse"](value)
            except ValueError as error:
                shown = "The value" if field.metadata.get("secret") else f"The value {value!r}"
                raise SettingError(f"{shown} cannot be used for the setting {field.name!r}: {error}.") from None
        version = parsed.get("airflow_version", "3")
        if parsed.get("profile") == "airflow3" and not version.startswith("3"):
            raise SettingError(
                f"The profile airflow3 is an Airflow 3's, and {version} is the version of an Airflow 2; leave out the"
                " profile or the version."
            )
        return replace(base or Settings(), **parsed)

    @staticmethod
    def from_environment(
        environment: Mapping[str, str],
        *,
        beside: Iterable[str] = (),
        unknown: Callable[[str], object] | None = None,
    ) -> dict[str, Any]:
        """The values that environment variables name, by setting.

        ``beside`` are options besides the settings that have variables too; they are left out. For a variable that is
        neither, SettingError is raised, or ``unknown`` is called with the sentence. What Kubernetes tells of a Service
        with such a name is none of ours.
        """
        from mock_airflow.settings.environment import ENVIRONMENT_PREFIX, variables

        settings, found = [field.name for field in fields(Settings)], variables(environment)
        known = [*settings, *beside]
        for name in sorted(found.keys() - {*known}):
            near = nearest(name, known)
            way_out = f"did you mean {ENVIRONMENT_PREFIX}{near.upper()}?" if near is not None else "unset it."
            sentence = f"The environment variable {ENVIRONMENT_PREFIX}{name.upper()} is not a setting; {way_out}"
            if unknown is None:
                raise SettingError(sentence)
            unknown(sentence)
        return {name: found[name] for name in settings if name in found}

    def __repr__(self) -> str:
        """Only what differs from the defaults, and no secret."""
        told = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                told.append(f"{field.name}={'***' if field.metadata.get('secret') else repr(value)}")
        return f"Settings({', '.join(told)})"


def _near(name: str, known: Iterable[str]) -> str:
    """The rest of a sentence on a setting that does not exist: those that are near it, and none else."""
    found = nearest(name, known)
    if found is not None:
        return f"did you mean {found!r}?"
    words = {*name.lower().replace("-", "_").split("_")}
    parts = [each for each in known if words & {*each.split("_")}]
    if parts:
        return f"near it are {', '.join(parts[:_NEAR])}."
    return "none is near it. `mock-airflow serve --help-profile all` lists them."
