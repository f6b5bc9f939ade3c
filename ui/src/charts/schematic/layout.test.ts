import { expect, test } from "vitest";
import { ascending, type Graph, layOut, NODE_HEIGHT, NODE_WIDTH } from "./layout";

function graph(count: number, ...edges: readonly (readonly [number, number])[]): Graph {
  return { count, from: edges.map(([source]) => source), to: edges.map(([, target]) => target) };
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** So many nodes, each fed by up to three of those before it. */
function tangle(count: number, reach: number, seed = 7): Graph {
  const next = random(seed);
  const edges: [number, number][] = [];
  for (let node = 1; node < count; node += 1) {
    for (let edge = 0; edge < 1 + Math.floor(next() * 3); edge += 1) {
      edges.push([Math.max(0, node - 1 - Math.floor(next() * reach)), node]);
    }
  }
  return graph(count, ...edges);
}

test("edges lead to the right, and nodes of a layer do not overlap", () => {
  const drawn = tangle(300, 40);
  const { x, y, layer } = layOut(drawn);
  for (let edge = 0; edge < drawn.from.length; edge += 1) {
    const [source, target] = [drawn.from[edge] as number, drawn.to[edge] as number];
    expect((x[target] as number) - (x[source] as number)).toBeGreaterThan(NODE_WIDTH);
  }
  const byLayer = Map.groupBy(
    Array.from({ length: 300 }, (_, node) => node),
    (node) => layer[node] as number,
  );
  for (const members of byLayer.values()) {
    const heights = members.map((node) => y[node] as number).toSorted((one, other) => one - other);
    for (let index = 1; index < heights.length; index += 1)
      expect((heights[index] as number) - (heights[index - 1] as number)).toBeGreaterThan(NODE_HEIGHT);
  }
});

test("a chain is a straight line", () => {
  const { y, crossings } = layOut(graph(5, [0, 1], [1, 2], [2, 3], [3, 4]));
  expect(new Set(y).size).toBe(1);
  expect(crossings).toBe(0);
});

test("lines that can be untangled are", () => {
  const crossed = graph(8, [0, 7], [1, 6], [2, 5], [3, 4]);
  expect(layOut(crossed).crossings).toBe(0);
  const tree = graph(7, [0, 1], [0, 2], [1, 5], [1, 6], [2, 3], [2, 4]);
  expect(layOut(tree).crossings).toBe(0);
});

test("an edge that passes layers goes around what is there", () => {
  const { points, ends, y } = layOut(graph(4, [0, 1], [1, 2], [2, 3], [0, 3]));
  const route = points.slice(ends[2] as number, ends[3] as number);
  expect(route.length).toBe(12);
  expect(Math.abs((route[3] as number) - (y[1] as number))).toBeGreaterThan(NODE_HEIGHT / 2);
});

test("what feeds only the end stands near it", () => {
  expect([...layOut(graph(5, [0, 1], [1, 2], [2, 3], [4, 3])).layer]).toEqual([0, 1, 2, 3, 2]);
});

test("circles, loops, doubles and nothing at all", () => {
  expect(layOut(graph(0)).width).toBe(0);
  expect(layOut(graph(1)).ends.length).toBe(0);
  const odd = layOut(graph(3, [0, 1], [1, 2], [2, 0], [1, 1], [0, 1]));
  expect([...odd.x, ...odd.y, ...odd.points].every(Number.isFinite)).toBe(true);
});

test("five thousand nodes have a place each", () => {
  const { x, y } = layOut(tangle(5000, 200));
  expect(new Set(Array.from(x, (left, node) => `${left} ${y[node]}`)).size).toBe(5000);
});

test("the nearest values that ascend", () => {
  const values = Float64Array.of(1, 3, 2, 2, 5, 4);
  ascending(values, new Float64Array(6).fill(1));
  expect([...values].map((value) => Number(value.toFixed(3)))).toEqual([1, 2.333, 2.333, 2.333, 4.5, 4.5]);
});
