"""Bulk changes: actions on many entities in one request, each told of on its own (observed)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.problems import Detail, database_error, unique_violation
from mock_airflow.api.operation import Call

E = TypeVar("E", bound=BaseModel)


def _known_action(action: Any) -> Any:
    if not isinstance(action, Mapping) or action.get("action") not in ("create", "update", "delete"):
        raise Oops("A real Airflow fails at a bulk action whose word it does not know.")
    return action


class BulkActionOnExistence(str, Enum):
    """What is done with an entity that is there already."""

    fail = "fail"
    skip = "skip"
    overwrite = "overwrite"


class BulkActionNotOnExistence(str, Enum):
    """What is done where an entity is not there."""

    fail = "fail"
    skip = "skip"


class BulkCreateAction(Body, Generic[E]):
    """Make entities."""

    action: Literal["create"]
    entities: list[E]
    action_on_existence: BulkActionOnExistence = BulkActionOnExistence.fail


class BulkUpdateAction(Body, Generic[E]):
    """Change entities."""

    action: Literal["update"]
    entities: list[E]
    update_mask: list[str] | None = None
    action_on_non_existence: BulkActionNotOnExistence = BulkActionNotOnExistence.fail


class BulkDeleteAction(Body, Generic[E]):
    """Delete entities, by their names or by themselves."""

    action: Literal["delete"]
    entities: list[str | E]
    action_on_non_existence: BulkActionNotOnExistence = BulkActionNotOnExistence.fail


class BulkBody(Body, Generic[E]):
    """Actions, one after the other."""

    actions: list[
        Annotated[
            BulkCreateAction[E] | BulkUpdateAction[E] | BulkDeleteAction[E],
            Field(discriminator="action"),
            BeforeValidator(_known_action),
        ]
    ]


class BulkCollection:
    """What a bulk change does with one kind of thing.

    ``noun`` names it in sentences, ``name`` gives an entity's; the others do the work. ``at_once`` says that what one
    action made is there for the next, and ``repeatable`` that a thing may be made twice by one request (observed).
    """

    def __init__(
        self,
        noun: str,
        names: str,
        exists: Callable[[Call, str], bool],
        create: Callable[[Call, Any, bool], None],
        update: Callable[[Call, Any, list[str] | None], None],
        delete: Callable[[Call, str], None],
        name: Callable[[Any], str],
        *,
        at_once: bool = True,
        repeatable: bool = False,
    ) -> None:
        self.at_once, self.repeatable = at_once, repeatable
        self.noun, self.names = noun, names
        self.exists, self.create, self.update, self.delete, self.name = exists, create, update, delete, name

    def carry_out(self, call: Call) -> Answer:
        """Carry out the actions in their order."""
        told: dict[str, Any] = {"create": None, "update": None, "delete": None}
        asked = {self._named(each) for action in call.body.actions for each in action.entities}
        there = {name for name in asked if self.exists(call, name)}
        made: set[str] = set()
        for action in call.body.actions:
            outcome = told[action.action] or {"success": [], "errors": []}
            told[action.action] = outcome
            if isinstance(action, BulkDeleteAction) and not all(isinstance(each, str) for each in action.entities):
                raise database_error(call, f"The database is asked for a {self.noun} by what is not a name.")
            if self.at_once:
                there, made = {name for name in asked if self.exists(call, name)}, set()
            if isinstance(action, BulkCreateAction):
                self._create(call, action, there, made, outcome)
            else:
                self._others(call, action, there, outcome)
        return answer(told)

    def _named(self, entity: Any) -> str:
        return entity if isinstance(entity, str) else self.name(entity)

    def _error(self, outcome: dict[str, Any], names: Iterable[str], status: int) -> None:
        found = "already exist." if status == 409 else "were not found."
        shown = "{" + ", ".join(repr(name) for name in dict.fromkeys(names)) + "}"
        outcome["errors"].append({"error": f"The {self.names}: {shown} {found}", "status_code": status})

    def _create(
        self, call: Call, action: BulkCreateAction[Any], there: set[str], made: set[str], outcome: dict[str, Any]
    ) -> None:
        taken = [self.name(each) for each in action.entities if self.name(each) in there]
        if taken and action.action_on_existence == "fail":
            self._error(outcome, taken, 409)
            return
        for entity in action.entities:
            name = self.name(entity)
            if name in there and action.action_on_existence == "skip":
                continue
            if name in made and not self.repeatable:
                raise unique_violation(call, f"{name!r} is made twice in one request.")
            made.add(name)
            self.create(call, entity, name in there or (self.repeatable and self.exists(call, name)))
            outcome["success"].append(name)

    def _others(self, call: Call, action: Any, there: set[str], outcome: dict[str, Any]) -> None:
        missing = [self._named(each) for each in action.entities if self._named(each) not in there]
        if missing and action.action_on_non_existence == "fail":
            self._error(outcome, missing, 404)
            return
        if isinstance(action, BulkDeleteAction):
            for name in dict.fromkeys(action.entities):
                if name in there:
                    self.delete(call, name)
                    outcome["success"].append(name)
            return
        try:
            for entity in action.entities:
                if self.name(entity) in there:
                    self.update(call, entity, action.update_mask)
                    outcome["success"].append(self.name(entity))
        except Detail as refused:
            outcome["errors"].append({"error": refused.detail, "status_code": refused.status})


def see_immutable(mask: Iterable[str] | None, *names: str) -> None:
    """Raise Detail where a mask asks for what never changes."""
    asked = [name for name in names if name in (mask or ())]
    if asked:
        shown = "{" + ", ".join(map(repr, asked)) + "}"
        told = f"Update not allowed: the following fields are immutable and cannot be modified: {shown}"
        raise Detail(400, told)


def changes(entity: BaseModel, mask: list[str] | None, fields: Iterable[str]) -> dict[str, Any]:
    """The values of an entity that count: those of ``fields`` that were sent, and that the mask names."""
    given = entity.model_dump(exclude_unset=True)
    return {name: given[name] for name in fields if name in given and (not mask or name in mask)}
