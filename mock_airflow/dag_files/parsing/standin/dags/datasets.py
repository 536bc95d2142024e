"""Datasets (assets in Airflow 3), and conditions over them."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mock_airflow.dag_files.parsing.standin.installed import Installed


def sanitize_uri(uri: str) -> str:
    """The URI as Airflow keeps it. Raises ValueError for what cannot be one."""
    if not uri:
        raise ValueError("Dataset URI cannot be empty")
    if uri.isspace():
        raise ValueError("Dataset URI cannot be just whitespace")
    if not uri.isascii():
        raise ValueError("Dataset URI must only consist of ASCII characters")
    parts = urlsplit(uri)
    if not parts.scheme and not parts.netloc:
        return uri
    scheme = parts.scheme.lower()
    if scheme.startswith("x-"):
        return uri
    if scheme == "airflow":
        raise ValueError(f"{'Asset' if Installed.major > 2 else 'Dataset'} scheme 'airflow' is reserved")
    _, at, host = parts.netloc.rpartition("@")
    if at:
        warnings.warn(
            "A dataset URI should not contain auth info (e.g. username or password). "
            "It has been automatically dropped.",
            UserWarning,
            stacklevel=3,
        )
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    path = parts.path.rstrip("/") or "/" if parts.path else parts.path
    return parts._replace(scheme=scheme, netloc=host, path=path, query=query, fragment="").geturl()


def check_name(name: Any, uri: Any, kind: str = "Asset") -> None:
    """Raise what Airflow 3 raises for an asset that cannot be called so."""
    if name is None and uri is None:
        raise TypeError("Asset() requires either 'name' or 'uri'")
    text = uri if name is None else name
    if not isinstance(text, str):
        return
    if not text:
        raise ValueError(f"{kind} name cannot be empty")
    if text.isspace():
        raise ValueError(f"{kind} name cannot be just whitespace")
    if len(text) > 1500:
        raise ValueError(f"{kind} name cannot exceed 1500 characters")
    if not text.isascii():
        raise ValueError(f"{kind} name must only consist of ASCII characters")


class BaseDataset:
    """A dataset or a condition over some."""

    def __or__(self, other: Any) -> Any:
        if not isinstance(other, BaseDataset):
            return NotImplemented
        return DatasetAny(self, other)

    def __and__(self, other: Any) -> Any:
        if not isinstance(other, BaseDataset):
            return NotImplemented
        return DatasetAll(self, other)

    def as_expression(self) -> Any:
        """The condition as the API tells it."""
        raise NotImplementedError

    def iter_datasets(self) -> Iterator[tuple[str, Any]]:
        """The datasets in it, by URI."""
        raise NotImplementedError

    def iter_dataset_aliases(self) -> Iterator[tuple[str, Any]]:
        """The aliases in it, by name."""
        return iter(())

    # what Airflow 3 calls the same
    def iter_assets(self) -> Iterator[tuple[str, Any]]:
        """The assets in it."""
        return self.iter_datasets()


class Dataset(os.PathLike[str], BaseDataset):
    """Some data, by its URI. Airflow 3's asset has a name besides, and may have only that."""

    template_fields = ()

    def __init__(
        self,
        uri: Any = None,
        extra: Any = None,
        *,
        name: Any = None,
        group: str = "asset",
        watchers: Any = None,
        **more: Any,
    ) -> None:
        if more and (Installed.major == 2 or more.keys() - {"access_control"}):
            raise TypeError(f"Dataset.__init__() got an unexpected keyword argument {next(iter(more))!r}")
        if Installed.major > 2:
            check_name(name, uri)
        if uri is None:
            uri = name
        if not isinstance(uri, str):
            raise TypeError(f"Dataset URI must be a string, not {type(uri).__name__}")
        self.uri = sanitize_uri(uri)
        self.extra = dict(extra or {})
        json.dumps(self.extra, default=str)
        self.name, self.group, self.watchers = name or self.uri, group, list(watchers or ())

    @staticmethod
    def ref(*, name: Any = None, uri: Any = None) -> Any:
        """An asset by its name or URI, in Airflow 3."""
        return AssetRef(name=name, uri=uri)

    def __fspath__(self) -> str:
        return self.uri

    def __eq__(self, other: object) -> bool:
        return self.uri == other.uri if isinstance(other, Dataset) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.uri)

    def __repr__(self) -> str:
        return f"Dataset(uri={self.uri!r}, extra={self.extra!r})"

    @property
    def normalized_uri(self) -> str:
        """The URI."""
        return self.uri

    def as_expression(self) -> Any:
        return self.uri

    def iter_datasets(self) -> Iterator[tuple[str, Any]]:
        yield self.uri, self


class DatasetAlias(BaseDataset):
    """A name for datasets that are known when a task has run."""

    def __init__(self, name: str, group: str = "") -> None:
        if Installed.major > 2:
            check_name(name, None, "AssetAlias")
        self.name, self.group = name, group

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, DatasetAlias) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"DatasetAlias(name={self.name!r})"

    def as_expression(self) -> Any:
        return {"alias": self.name}

    def iter_datasets(self) -> Iterator[tuple[str, Any]]:
        return iter(())

    def iter_dataset_aliases(self) -> Iterator[tuple[str, Any]]:
        yield self.name, self


class DatasetBooleanCondition(BaseDataset):
    """A condition over several."""

    word = ""

    def __init__(self, *objects: Any) -> None:
        if not all(isinstance(each, BaseDataset) for each in objects):
            raise TypeError("expect dataset expressions in condition")
        self.objects = [_UnresolvedAlias(each) if isinstance(each, DatasetAlias) else each for each in objects]

    def as_expression(self) -> Any:
        return {self.word: [each.as_expression() for each in self.objects]}

    def iter_datasets(self) -> Iterator[tuple[str, Any]]:
        seen = set()
        for each in self.objects:
            for uri, dataset in each.iter_datasets():
                if uri not in seen:
                    seen.add(uri)
                    yield uri, dataset

    def iter_dataset_aliases(self) -> Iterator[tuple[str, Any]]:
        for each in self.objects:
            yield from each.iter_dataset_aliases()


class DatasetAny(DatasetBooleanCondition):
    """Any of them."""

    word = "any"

    def __or__(self, other: Any) -> Any:
        return DatasetAny(*self.objects, other) if isinstance(other, BaseDataset) else NotImplemented


class DatasetAll(DatasetBooleanCondition):
    """All of them."""

    word = "all"

    def __and__(self, other: Any) -> Any:
        return DatasetAll(*self.objects, other) if isinstance(other, BaseDataset) else NotImplemented


class _UnresolvedAlias(DatasetAny):
    """An alias in a condition: any of the datasets that it stands for, of which there are none yet."""

    def __init__(self, alias: DatasetAlias) -> None:
        super().__init__()
        self.alias = alias

    def as_expression(self) -> Any:
        return self.alias.as_expression() if not self.objects else super().as_expression()

    def iter_dataset_aliases(self) -> Iterator[tuple[str, Any]]:
        yield self.alias.name, self.alias


def unresolved(condition: BaseDataset) -> BaseDataset:
    """The condition that a DAG waits for, an alias among its parts or not."""
    return _UnresolvedAlias(condition) if isinstance(condition, DatasetAlias) else condition


class Metadata:
    """What a task tells of a change of a dataset."""

    def __init__(self, target: Any, extra: Any = None, alias: Any = None) -> None:
        self.uri, self.extra, self.alias = getattr(target, "uri", target), extra, alias


class Model(Dataset):
    """A dataset that is a model."""


class AssetRef(BaseDataset):
    """An asset by its name or URI, in Airflow 3."""

    def __init__(self, name: Any = None, uri: Any = None) -> None:
        self.name, self.uri = name, uri

    def as_expression(self) -> Any:
        return self.uri or self.name

    def iter_datasets(self) -> Iterator[tuple[str, Any]]:
        yield str(self.uri or self.name), Dataset(str(self.uri or self.name))


def expand_alias_to_datasets(alias: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """The datasets of an alias: none before a task has run."""
    return []
