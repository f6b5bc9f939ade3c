"""Pictures drawn without help: each shape in its place, each arrow from end to end."""

import re
from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from prefect import Flow, task
from prefect.core.drawing import Arrow, Picture, Shape, picture_of
from prefect.core.svg import Box, _Layout, render
from prefect.engine.state import Failed, Success

SVG = "{http://www.w3.org/2000/svg}"


@task
def step(x: int = 0, y: int = 0) -> int:
    return x + y


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Shapes in an order in which they could run, with arrows that lead forwards."""
    labels = draw(st.lists(st.text(max_size=30), min_size=1, max_size=12))
    shapes = tuple(Shape(str(number), label, number % 3 == 0) for number, label in enumerate(labels))
    pairs = list(combinations(range(len(shapes)), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=25)) if pairs else []
    arrows = tuple(Arrow(str(tail), str(head), "key", False) for tail, head in chosen)
    return Picture("picture", shapes, arrows, horizontal=draw(st.booleans()))


def overlap(one: Box, other: Box) -> bool:
    return abs(one.x - other.x) * 2 < one.width + other.width and abs(one.y - other.y) * 2 < one.height + other.height


@given(pictures())
@settings(deadline=None, max_examples=60)
def test_shapes_stand_apart_and_after_what_they_depend_on(picture: Picture) -> None:
    layout = _Layout(picture)
    boxes = {shape.name: layout.box(shape.name) for shape in picture.shapes}
    assert not any(overlap(one, other) for one, other in combinations(boxes.values(), 2))
    for arrow in picture.arrows:
        tail, head = boxes[arrow.tail], boxes[arrow.head]
        if picture.horizontal:
            assert tail.x + tail.width / 2 < head.x - head.width / 2
        else:
            assert tail.y + tail.height / 2 < head.y - head.height / 2


@given(pictures())
@settings(deadline=None, max_examples=60)
def test_it_is_sound_svg_with_all_that_is_drawn_inside(picture: Picture) -> None:
    root = ElementTree.fromstring(render(picture))
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    groups = root.findall(f"{SVG}g")
    assert [group.attrib["id"] for group in groups] == [shape.name for shape in picture.shapes]
    arrows = root.findall(f"{SVG}path")
    assert len(arrows) == len(picture.arrows)
    for text in (each for group in groups for each in group.findall(f"{SVG}text")):
        assert left <= float(text.attrib["x"]) <= left + width
        assert top <= float(text.attrib["y"]) <= top + height
    for path in arrows:
        numbers = list(map(float, re.findall(r"-?\d+\.\d+", path.attrib["d"])))
        assert all(left <= x <= left + width for x in numbers[::2])
        assert all(top <= y <= top + height for y in numbers[1::2])


def test_a_real_flow() -> None:
    with Flow("steps") as flow:
        one = step()
        two = step(one, y=one)
        step.map([two, two])
    text = render(picture_of(flow, Success(result={one: Success(), two: Failed()})))
    root = ElementTree.fromstring(text)
    labels = [each.text for each in root.iter(f"{SVG}text")]
    assert sorted(filter(None, labels)) == ["List", "arg_1", "arg_2", "step", "step", "step <map>", "x", "x", "y"]
    assert f'fill="{Failed.color}"' in text
    assert text.count("stroke-dasharray") == 1


def test_an_empty_flow() -> None:
    assert ElementTree.fromstring(render(picture_of(Flow("empty")))).findall(f"{SVG}g") == []


def test_thousands_of_tasks_are_no_hindrance() -> None:
    shapes = tuple(Shape(str(number), "task", False) for number in range(3000))
    arrows = tuple(Arrow(str(number - 50), str(number), "", False) for number in range(50, 3000))
    assert render(Picture("large", shapes, arrows)).count("<g ") == 3000
