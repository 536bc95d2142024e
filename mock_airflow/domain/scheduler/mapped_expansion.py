"""Mapped tasks of a run: how many instances they have, and making and removing these."""

from __future__ import annotations

import math
from datetime import datetime

from msgspec.structs import replace

from mock_airflow.domain import xcoms
from mock_airflow.domain.marking import marked
from mock_airflow.domain.records import FINISHED_TASK, Node, TaskInstanceKey
from mock_airflow.domain.scheduler import plans
from mock_airflow.domain.scheduler.live_runs import LiveRun, Work


def expand(life: LiveRun, work: Work, length: int | None, at: datetime) -> None:
    """Make the instances of a mapped task, and of all of its mapped task group; with no item it is skipped.

    ``length`` is how many a plan says; None where it follows from what is before the task.
    """
    group = work.node.task.mapped_group
    members = [work]
    if group is not None:
        members += [
            other
            for other in life.idle.values()
            if other.node.task.mapped_group == group and other.row.map_index == -1 and other is not work
        ]
    length = _length(life, work.node) if length is None else length
    if length is None and work.node.task.expands_over:
        life.put(work, marked(work.row, "upstream_failed", at))  # nothing tells how many there are (code)
        return
    length = plans.DRAWN_LENGTH if length is None else length
    for member in members:
        if length == 0:
            life.put(member, replace(member.row, state="skipped", updated_at=at))
            continue
        life.remove(member)
        for map_index in range(length):
            made = life.add(member.node, map_index, at)
            if member is work:
                life.queue(made, at)


def revise(life: LiveRun, at: datetime) -> bool:
    """Fit mapped tasks that run again to the list they are mapped over, which may have another length by now.

    Instances too many are removed, missing ones made (observed); a list that is not there again changes nothing. Tells
    whether anything changed.
    """
    changed = False
    again = (work.row for work in life.idle.values() if work.row.map_index >= 0 and work.row.try_number)
    for name in dict.fromkeys(row.task_id for row in again):
        node = life.graph.nodes[name]
        before = (other.row.state for one in node.upstream for other in life.by_task.get(one, ()))
        if any(state not in FINISHED_TASK for state in before):
            continue
        planned = plans.task_plan(life.airflow, life.dag, node.task, life.run.run_id).length
        length = _length(life, node) if planned is None else planned
        if length is None:
            continue
        known = {work.row.map_index for work in life.by_task[name]}
        for work in list(life.by_task[name]):
            if work.row.map_index >= length and work.row.state is None:
                life.put(work, replace(work.row, state="removed", updated_at=at))
                changed = True
        for map_index in sorted(set(range(length)) - known):
            life.add(node, map_index, at)
            changed = True
    return changed


def _length(life: LiveRun, node: Node) -> int | None:
    """How many instances a mapped task has by the lists it is mapped over; None where these are not known."""
    over = node.task.expands_over
    if not over:
        told = [size for name in node.upstream if (size := _size(life, name)) is not None]
        return told[0] if len(told) == 1 else None
    sizes = [one if isinstance(one, int) else _size(life, one) for one in over]
    return None if None in sizes else math.prod(size for size in sizes if size is not None)


def _size(life: LiveRun, name: str) -> int | None:
    """The length of the list or object that a task returned; of a mapped one, how many instances returned one."""
    left = life.airflow.xcoms
    instances = [work.key for work in life.by_task.get(name, ()) if work.row.map_index >= 0]
    if instances:
        return sum((each, xcoms.RETURN_VALUE) in left for each in instances)
    told = left.get((TaskInstanceKey(*life.run.key, name), xcoms.RETURN_VALUE))
    return len(told.value) if told is not None and isinstance(told.value, (list, dict)) else None
