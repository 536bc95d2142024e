"""The picture of a DAG on its page: nothing overlaps, everything leads forward, and the same graph looks the same."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import pytest
import requests

from mock_airflow import MockAirflow

SVG = "{http://www.w3.org/2000/svg}"
GROUPS = ("", "extract.", "transform.", "transform.clean.", "load.")


def drawn(airflow, dag_id):
    """The SVG of a DAG's page."""
    page = requests.get(f"{airflow.url}/__mock__/page/dags/{dag_id}")
    assert page.status_code == 200
    text = re.search(r"<svg class=\"graph\".*?</svg>", page.text, re.DOTALL)
    assert text is not None
    return ET.fromstring(text[0])


def box(element):
    rect = element.find(f"{SVG}rect")
    return tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))


def boxes(picture, kind):
    """Of each task or group, by what it says when pointed at, its corner and size."""
    found = (each for each in picture.iter() if each.get("class", "").split(" ")[0] == kind)
    return {each.find(f"{SVG}title").text: box(each) for each in found}


def overlap(one, other):
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def ends(picture):
    """Where each line begins and ends."""
    for path in picture.iter(f"{SVG}path"):
        if path.get("class") == "edge":
            numbers = [float(each) for each in re.findall(r"-?[\d.]+", path.get("d"))]
            yield (numbers[0], numbers[1]), numbers[-1]


def graph(count, seed):
    """Tasks in groups, each before some of the next."""
    drawn_from = random.Random(seed)
    ids = [f"{drawn_from.choice(GROUPS)}task_{number}" for number in range(count)]
    ids.sort(key=lambda name: (GROUPS.index(name.rpartition("task_")[0]) % 4, name))
    return [
        {
            "task_id": name,
            "downstream_task_ids": sorted(
                {drawn_from.choice(ids[place + 1 : place + 13]) for _ in range(drawn_from.choice([1, 1, 2]))}
                if place < count - 1
                else ()
            ),
        }
        for place, name in enumerate(ids)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_sixty_tasks_can_be_read(seed):
    with MockAirflow() as airflow:
        tasks = graph(60, seed)
        airflow.add_dag("big", tasks)
        picture = drawn(airflow, "big")
        assert ET.tostring(picture) == ET.tostring(drawn(airflow, "big"))

    found = {title.partition(":")[0]: place for title, place in boxes(picture, "task").items()}
    assert found.keys() == {task["task_id"] for task in tasks}
    names = list(found)
    assert not [(a, b) for a in names for b in names if a < b and overlap(found[a], found[b])]
    for task in tasks:
        for after in task["downstream_task_ids"]:
            assert found[task["task_id"]][0] < found[after][0], (task["task_id"], after)
    for (begins, _), stops in ends(picture):
        assert begins <= stops
    width, height = float(picture.get("width")), float(picture.get("height"))
    assert all(x + w <= width and y + h <= height for x, y, w, h in found.values())

    groups = {title.removeprefix("Task group "): place for title, place in boxes(picture, "task-group").items()}
    assert groups.keys() == {"extract", "transform", "transform.clean", "load"}
    for group, place in groups.items():
        inside = {name for name, each in found.items() if overlap(place, each)}
        assert inside == {name for name in names if name.startswith(f"{group}.")}


def test_two_chains_that_are_declared_in_disorder_do_not_cross():
    chains = [[f"{chain}{place}" for place in range(8)] for chain in "ab"]
    tasks = [
        {"task_id": name, "downstream_task_ids": chain[place + 1 : place + 2]}
        for place in range(8)
        for chain in (chains if place % 2 else chains[::-1])
        for name in [chain[place]]
    ]
    with MockAirflow() as airflow:
        airflow.add_dag("chains", tasks)
        found = boxes(drawn(airflow, "chains"), "task")
    rows = {title[0]: {place[1] for name, place in found.items() if name[0] == title[0]} for title in found}
    assert max(rows["a"]) < min(rows["b"]) or max(rows["b"]) < min(rows["a"])


def test_long_names_are_cut_and_told_whole_when_pointed_at():
    name = "a_task_with_a_name_that_no_box_has_room_for"
    with MockAirflow() as airflow:
        airflow.add_dag("long", [name])
        picture = drawn(airflow, "long")
    assert any(title.startswith(f"{name}:") for title in boxes(picture, "task"))
    label = next(picture.iter(f"{SVG}text")).text
    assert label == f"{name[:19]}…"


def test_what_is_too_much_to_be_drawn_is_said():
    with MockAirflow() as airflow:
        airflow.add_dag("huge", [f"task_{number}" for number in range(301)])
        page = requests.get(f"{airflow.url}/__mock__/page/dags/huge").text
        assert "A graph of 301 tasks is not drawn" in page
        airflow.add_dag("empty")
        assert "The DAG has no task." in requests.get(f"{airflow.url}/__mock__/page/dags/empty").text
