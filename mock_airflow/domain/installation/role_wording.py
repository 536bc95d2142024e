"""What a role permits, in the names of either generation.

Airflow 3 renamed a resource (Datasets are Assets) and has some that 2.x knows nothing of. A role that is worded in the
names of one generation is read in those of the other here, for a world that both show, or that came from the other.
"""

from __future__ import annotations

from mock_airflow.domain.records import Permission, Role

# Resources that tell in which names a role is worded.
_ONLY_IN_3 = frozenset({"Assets", "Asset Aliases", "Backfills", "DAG Versions", "HITL Detail"})
_RENAMED = {2: {"Assets": "Datasets"}, 3: {"Datasets": "Assets"}}


def actions_in(role: Role, generation: int) -> tuple[Permission, ...]:
    """The role's permissions as Airflow of that generation (2 or 3) names them.

    One of Airflow's own roles has what it has in that generation, with whatever was added to it or taken from it where
    it is from; any other keeps its permissions, under the new name what is renamed.
    """
    held = {each.resource for each in role.actions}
    worded = 3 if held & _ONLY_IN_3 else 2 if "Datasets" in held else generation
    if worded == generation and not held & {*_RENAMED[generation]}:
        return role.actions
    renamed = _in_names(role.actions, generation)
    if worded == generation:
        return renamed
    before, after = _usual(role.name, worded), _usual(role.name, generation)
    known = {*_in_names(before, generation)}
    taken = known - {*renamed}
    added = [each for each in renamed if each not in known]
    return tuple(dict.fromkeys([*(each for each in after if each not in taken), *added]))


def _in_names(actions: tuple[Permission, ...], generation: int) -> tuple[Permission, ...]:
    names = _RENAMED[generation]
    return tuple(dict.fromkeys(Permission(each.action, names.get(each.resource, each.resource)) for each in actions))


def _usual(name: str, generation: int) -> tuple[Permission, ...]:
    """What Airflow itself gives a role of that name; nothing to one that is not its own."""
    if generation == 3:
        from mock_airflow.domain.installation.default_roles_3 import ROLES_3 as usual
    else:
        from mock_airflow.domain.installation.default_roles import ROLES as usual
    return usual.get(name, ())
