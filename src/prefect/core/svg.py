"""A picture of a graph as SVG: who is where, and what leads where.

The shapes stand in layers, each below all that it depends on. Within the layers they are ordered so that few arrows
cross, and moved towards what they are joined to. Long arrows are led around the shapes between.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prefect.core.drawing import Arrow, Picture, Shape

__all__ = ["render"]

# Measures in pixels; a character is taken to be as wide as that of the font on average.
CHARACTER = 7.5
HEIGHT = 36.0
PADDING = 14.0
BETWEEN_SHAPES = 24.0
BETWEEN_LAYERS = 56.0
MARGIN = 16.0
# What a long arrow takes where it passes a layer.
PASSAGE = 8.0

SWEEPS = 6


class Box(NamedTuple):
    """Where a shape is: its middle, and its size."""

    x: float
    y: float
    width: float
    height: float


class _Layout:
    """The shapes and the passages of long arrows, each with its layer and its place across the layers.

    `along` is the direction in which the layers follow each other, `across` the other one.
    """

    def __init__(self, picture: Picture) -> None:
        self.horizontal = picture.horizontal
        self.sizes = {shape.name: _size(shape) for shape in picture.shapes}
        self.layer_of = _layers(picture.shapes, picture.arrows)
        self.layers: list[list[str]] = [[] for _ in range(max(self.layer_of.values(), default=-1) + 1)]
        for shape in picture.shapes:
            self.layers[self.layer_of[shape.name]].append(shape.name)
        # For each arrow the names that it passes, its ends included.
        self.ways: dict[tuple[str, str], list[str]] = {}
        for arrow in picture.arrows:
            if (arrow.tail, arrow.head) not in self.ways:
                self.ways[arrow.tail, arrow.head] = self._way(arrow)
        self.above: dict[str, list[str]] = {name: [] for layer in self.layers for name in layer}
        self.below: dict[str, list[str]] = {name: [] for layer in self.layers for name in layer}
        for way in self.ways.values():
            for upper, lower in pairwise(way):
                self.below[upper].append(lower)
                self.above[lower].append(upper)
        self._order()
        self.across = self._places()
        self.along = self._depths()

    def _way(self, arrow: Arrow) -> list[str]:
        way = [arrow.tail]
        for layer in range(self.layer_of[arrow.tail] + 1, self.layer_of[arrow.head]):
            passage = f"{arrow.tail}\n{arrow.head}\n{layer}"
            self.layers[layer].append(passage)
            self.layer_of[passage] = layer
            self.sizes[passage] = (PASSAGE, PASSAGE)
            way.append(passage)
        return [*way, arrow.head]

    def _order(self) -> None:
        """Each by the middle of those that it is joined to, downwards and upwards in turn."""
        for sweep in range(SWEEPS):
            downwards = sweep % 2 == 0
            joined = self.above if downwards else self.below
            layers = range(1, len(self.layers)) if downwards else range(len(self.layers) - 2, -1, -1)
            for number in layers:
                rank = {name: place for place, name in enumerate(self.layers[number - 1 if downwards else number + 1])}
                own = {name: float(place) for place, name in enumerate(self.layers[number])}
                middle = {name: _mean((rank[other] for other in joined[name]), own[name]) for name in own}
                self.layers[number].sort(key=middle.__getitem__)

    def extent(self, name: str) -> float:
        """How much room it takes across the layers."""
        width, height = self.sizes[name]
        return height if self.horizontal else width

    def thickness(self, name: str) -> float:
        """How much room it takes in the direction of the layers."""
        width, height = self.sizes[name]
        return width if self.horizontal else height

    def _places(self) -> dict[str, float]:
        places: dict[str, float] = {}
        for layer in self.layers:
            places.update(self._apart(layer, dict.fromkeys(layer, 0.0)))
        for sweep in range(SWEEPS):
            joined = self.above if sweep % 2 == 0 else self.below
            for layer in self.layers if sweep % 2 == 0 else reversed(self.layers):
                wished = {name: _mean((places[other] for other in joined[name]), places[name]) for name in layer}
                places.update(self._apart(layer, wished))
        return places

    def _apart(self, layer: Sequence[str], wished: Mapping[str, float]) -> dict[str, float]:
        """As near to where they wish to be as their order and their sizes allow."""
        forwards = self._pushed(layer, wished)
        mirrored = self._pushed(layer[::-1], {name: -place for name, place in wished.items()})
        return {name: (forwards[name] - mirrored[name]) / 2 for name in layer}

    def _pushed(self, layer: Sequence[str], wished: Mapping[str, float]) -> dict[str, float]:
        places: dict[str, float] = {}
        end = float("-inf")
        for name in layer:
            half = self.extent(name) / 2
            places[name] = max(wished[name], end + half)
            end = places[name] + half + BETWEEN_SHAPES
        return places

    def _depths(self) -> list[float]:
        """The middle of each layer."""
        depths, end = [], 0.0
        for layer in self.layers:
            thickness = max(map(self.thickness, layer), default=0.0)
            depths.append(end + thickness / 2)
            end += thickness + BETWEEN_LAYERS
        return depths

    def box(self, name: str) -> Box:
        along, across = self.along[self.layer_of[name]], self.across[name]
        return Box(*((along, across) if self.horizontal else (across, along)), *self.sizes[name])


def render(picture: Picture) -> str:
    """The picture as the text of an SVG file."""
    layout = _Layout(picture)
    boxes = {shape.name: layout.box(shape.name) for shape in picture.shapes}
    everything = [layout.box(name) for layer in layout.layers for name in layer]
    left = min((box.x - box.width / 2 for box in everything), default=0) - MARGIN
    top = min((box.y - box.height / 2 for box in everything), default=0) - MARGIN
    width = max((box.x + box.width / 2 for box in everything), default=0) + MARGIN - left
    height = max((box.y + box.height / 2 for box in everything), default=0) + MARGIN - top
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" font-family="sans-serif" font-size="13">',
        f"<title>{_text(picture.name)}</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#56606b"/></marker></defs>',
        f'<rect x="{left:.1f}" y="{top:.1f}" width="100%" height="100%" fill="#ffffff"/>',
    ]
    lines += [_arrow(arrow, layout) for arrow in picture.arrows]
    lines += [_shape(shape, boxes[shape.name]) for shape in picture.shapes]
    return "\n".join([*lines, "</svg>", ""])


def _layers(shapes: Sequence[Shape], arrows: Iterable[Arrow]) -> dict[str, int]:
    """For each shape how many steps it is from the first ones. The shapes come in the order in which they run."""
    heads: dict[str, list[str]] = {}
    for arrow in arrows:
        heads.setdefault(arrow.tail, []).append(arrow.head)
    layers = {shape.name: 0 for shape in shapes}
    for shape in shapes:
        for head in heads.get(shape.name, ()):
            layers[head] = max(layers[head], layers[shape.name] + 1)
    return layers


def _size(shape: Shape) -> tuple[float, float]:
    return len(shape.label) * CHARACTER + 2 * PADDING, HEIGHT


def _mean(values: Iterable[float], otherwise: float) -> float:
    given = list(values)
    return sum(given) / len(given) if given else otherwise


def _shape(shape: Shape, box: Box) -> str:
    color = shape.color or "#ffffff"
    look = f'fill="{color}" fill-opacity="0.5" stroke="{shape.color or "#56606b"}"'
    half_width, half_height = box.width / 2, box.height / 2
    if shape.is_box:
        drawn = (
            f'<rect x="{box.x - half_width:.1f}" y="{box.y - half_height:.1f}" width="{box.width:.1f}" '
            f'height="{box.height:.1f}" rx="3" {look}/>'
        )
    else:
        drawn = f'<ellipse cx="{box.x:.1f}" cy="{box.y:.1f}" rx="{half_width:.1f}" ry="{half_height:.1f}" {look}/>'
    label = (
        f'<text x="{box.x:.1f}" y="{box.y:.1f}" text-anchor="middle" dominant-baseline="central">'
        f"{_text(shape.label)}</text>"
    )
    return f'<g class="task" id="{_text(shape.name)}">{drawn}{label}</g>'


def _arrow(arrow: Arrow, layout: _Layout) -> str:
    points = []
    way = layout.ways[arrow.tail, arrow.head]
    for number, name in enumerate(way):
        box = layout.box(name)
        # From the side where the tail ends to the side where the head begins, through the middle of passages.
        shift = layout.thickness(name) / 2 * (1 if number == 0 else -1 if number == len(way) - 1 else 0)
        points.append((box.x + shift, box.y) if layout.horizontal else (box.x, box.y + shift))
    drawn = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (next_x, next_y) in pairwise(points):
        if layout.horizontal:
            middle = (x + next_x) / 2
            drawn += f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}"
        else:
            middle = (y + next_y) / 2
            drawn += f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {next_y:.1f}"
    dashes = ' stroke-dasharray="5 4"' if arrow.is_dashed else ""
    line = f'<path d="{drawn}" fill="none" stroke="#56606b"{dashes} marker-end="url(#head)"/>'
    if not arrow.label:
        return line
    x, y = ((points[0][axis] + points[1][axis]) / 2 for axis in (0, 1))
    label = f'<text x="{x + 4:.1f}" y="{y:.1f}" font-size="11" fill="#56606b">{_text(arrow.label)}</text>'
    return line + label


def _text(text: str) -> str:
    """Text as XML takes it: some characters it cannot hold at all."""
    return escape("".join(character if character.isprintable() else "\ufffd" for character in text))
