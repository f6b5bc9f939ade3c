/**
 * Places the nodes of a directed graph without cycles in layers from left to right, with few crossings and short edges.
 *
 * Layers by longest path; a chain of waypoints where an edge of a node passes layers, one chain for all that leave the
 * node; crossings fewer by medians, the best of several sweeps; heights by the mean of the neighbours, as near as the
 * order and the distances allow.
 */

export interface Graph {
  readonly count: number;
  /** Edge by edge: the node where it begins, and where it ends. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}

export interface Layout {
  /** Of each node, the middle of its left side. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly layer: Int32Array;
  readonly width: number;
  readonly height: number;
  /** The points that edges pass, x and y in turn; those of edge i from `ends[i - 1]` (or 0) to `ends[i]`. */
  readonly points: Float32Array;
  readonly ends: Int32Array;
  readonly crossings: number;
}

export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 30;
const LAYER_GAP = 56;
const NODE_GAP = 14;
// Waypoints need no room of their own but a line's.
const WAY_GAP = 10;

export function layOut(graph: Graph): Layout {
  const { count } = graph;
  const edges = withoutCycles(graph);
  const layer = layersOf(count, edges);
  const net = withWaypoints(count, edges, layer);
  const order = orderOf(net);
  const y = heightsOf(net, order);
  const x = new Float32Array(count);
  for (let node = 0; node < count; node += 1) x[node] = (layer[node] as number) * (NODE_WIDTH + LAYER_GAP);
  const deepest = net.layers.length;
  const points: number[] = [];
  const ends = new Int32Array(graph.from.length);
  for (let edge = 0; edge < graph.from.length; edge += 1) {
    const source = graph.from[edge] as number;
    const target = graph.to[edge] as number;
    points.push((x[source] as number) + NODE_WIDTH, y[source] as number);
    const chain = net.chains[source] ?? [];
    const passed = (layer[target] as number) - (layer[source] as number) - 1;
    for (let step = 0; step < passed; step += 1) {
      const way = chain[step] as number;
      const left = (net.layerOf[way] as number) * (NODE_WIDTH + LAYER_GAP);
      points.push(left, y[way] as number, left + NODE_WIDTH, y[way] as number);
    }
    points.push(x[target] as number, y[target] as number);
    ends[edge] = points.length;
  }
  let height = NODE_HEIGHT;
  for (let node = 0; node < y.length; node += 1) height = Math.max(height, (y[node] as number) + NODE_HEIGHT / 2);
  return {
    x,
    y: y.slice(0, count),
    layer,
    width: Math.max(0, deepest * (NODE_WIDTH + LAYER_GAP) - LAYER_GAP),
    height,
    points: Float32Array.from(points),
    ends,
    crossings: order.crossings,
  };
}

type Edges = readonly (readonly [number, number])[];

/** Each edge once, in an order of the nodes in which all lead forwards; an edge that leads back is left out. */
function withoutCycles({ count, from, to }: Graph): Edges {
  const seen = new Set<number>();
  const edges: [number, number][] = [];
  const out: number[][] = Array.from({ length: count }, () => []);
  const waits = new Int32Array(count);
  for (let edge = 0; edge < from.length; edge += 1) {
    const source = from[edge] as number;
    const target = to[edge] as number;
    const key = source * count + target;
    if (source === target || seen.has(key)) continue;
    seen.add(key);
    edges.push([source, target]);
    out[source]?.push(target);
    waits[target] = (waits[target] as number) + 1;
  }
  const place = new Int32Array(count).fill(-1);
  const ready: number[] = [];
  for (let node = 0; node < count; node += 1) if (waits[node] === 0) ready.push(node);
  for (let next = 0; next < ready.length; next += 1) {
    const node = ready[next] as number;
    place[node] = next;
    for (const target of out[node] ?? []) {
      waits[target] = (waits[target] as number) - 1;
      if (waits[target] === 0) ready.push(target);
    }
  }
  for (let node = 0, next = ready.length; node < count; node += 1) if (place[node] === -1) place[node] = next++;
  return edges
    .filter(([source, target]) => (place[source] as number) < (place[target] as number))
    .sort((one, other) => (place[one[0]] as number) - (place[other[0]] as number));
}

/** The layer of each node: behind all that lead to it; what has more behind it than before it, as late as can be. */
function layersOf(count: number, edges: Edges): Int32Array {
  const layer = new Int32Array(count);
  const inward = new Int32Array(count);
  const outward = new Int32Array(count);
  for (const [source, target] of edges) {
    layer[target] = Math.max(layer[target] as number, (layer[source] as number) + 1);
    inward[target] = (inward[target] as number) + 1;
    outward[source] = (outward[source] as number) + 1;
  }
  const latest = new Int32Array(count).fill(-1);
  let at = edges.length - 1;
  while (at >= 0) {
    const source = (edges[at] as readonly [number, number])[0];
    let soonest = Number.POSITIVE_INFINITY;
    while (at >= 0 && (edges[at] as readonly [number, number])[0] === source) {
      soonest = Math.min(soonest, layer[(edges[at] as readonly [number, number])[1]] as number);
      at -= 1;
    }
    latest[source] = soonest - 1;
    if ((outward[source] as number) > (inward[source] as number)) layer[source] = latest[source] as number;
  }
  return layer;
}

/** The neighbours of node i are those in `to` from `ends[i]` to `ends[i + 1]`. */
interface Neighbours {
  readonly ends: Int32Array;
  readonly to: Int32Array;
}

function neighboursOf(count: number, from: readonly number[], to: readonly number[]): Neighbours {
  const ends = new Int32Array(count + 1);
  for (const node of from) ends[node + 1] = (ends[node + 1] as number) + 1;
  for (let node = 0; node < count; node += 1) ends[node + 1] = (ends[node + 1] as number) + (ends[node] as number);
  const next = ends.slice();
  const found = new Int32Array(from.length);
  from.forEach((node, edge) => {
    const at = next[node] as number;
    found[at] = to[edge] as number;
    next[node] = at + 1;
  });
  return { ends, to: found };
}

/** Nodes and waypoints, each joined to its neighbours in the layers beside its own. */
interface Net {
  readonly count: number;
  readonly layers: Int32Array[];
  readonly layerOf: readonly number[];
  readonly before: Neighbours;
  readonly after: Neighbours;
  readonly chains: (number[] | undefined)[];
  readonly nodes: number;
}

function withWaypoints(count: number, edges: Edges, layer: Int32Array): Net {
  const layerOf: number[] = [...layer];
  const from: number[] = [];
  const to: number[] = [];
  const chains: (number[] | undefined)[] = [];
  const join = (one: number, other: number) => {
    from.push(one);
    to.push(other);
  };
  for (const [source, target] of edges) {
    const passed = (layer[target] as number) - (layer[source] as number) - 1;
    if (passed === 0) {
      join(source, target);
      continue;
    }
    chains[source] ??= [];
    const chain = chains[source] as number[];
    while (chain.length < passed) {
      const way = layerOf.length;
      layerOf.push((layer[source] as number) + chain.length + 1);
      join(chain.at(-1) ?? source, way);
      chain.push(way);
    }
    join(chain[passed - 1] as number, target);
  }
  const members: number[][] = [];
  layerOf.forEach((here, node) => {
    while (members.length <= here) members.push([]);
    members[here]?.push(node);
  });
  return {
    count: layerOf.length,
    layers: members.map((found) => Int32Array.from(found)),
    layerOf,
    before: neighboursOf(layerOf.length, to, from),
    after: neighboursOf(layerOf.length, from, to),
    chains,
    nodes: count,
  };
}

interface Ordered {
  readonly layers: readonly Int32Array[];
  readonly crossings: number;
}

// So many looks at an edge are had in all sweeps together; a graph of usual size is swept MOST_SWEEPS times.
const LOOKS = 40_000;
const MOST_SWEEPS = 12;

function orderOf(net: Net): Ordered {
  const sweeps = Math.max(2, Math.min(MOST_SWEEPS, Math.round(LOOKS / Math.max(1, net.count + net.after.to.length))));
  const layers = net.layers;
  const place = new Int32Array(net.count);
  const settle = (members: Int32Array) => {
    for (let index = 0; index < members.length; index += 1) place[members[index] as number] = index;
  };
  // To begin with, what is reached together stands together.
  const met = firstMet(net);
  for (const members of layers) {
    members.sort((one, other) => (met[one] as number) - (met[other] as number));
    settle(members);
  }
  let best = layers.map((members) => members.slice());
  let fewest = crossingsOf(net, layers, place);
  const wish = new Float64Array(net.count);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    const forwards = sweep % 2 === 0;
    const { ends, to } = forwards ? net.before : net.after;
    for (let step = 1; step < layers.length; step += 1) {
      const members = layers[forwards ? step : layers.length - 1 - step] as Int32Array;
      let isSorted = true;
      let last = Number.NEGATIVE_INFINITY;
      for (let index = 0; index < members.length; index += 1) {
        const node = members[index] as number;
        const begin = ends[node] as number;
        const end = ends[node + 1] as number;
        let sum = 0;
        for (let at = begin; at < end; at += 1) sum += place[to[at] as number] as number;
        // Where all wish for the same place, they stay as they stand.
        const mean = (begin === end ? index : sum / (end - begin)) + index * 1e-7;
        wish[node] = mean;
        isSorted &&= mean >= last;
        last = mean;
      }
      if (isSorted) continue;
      members.sort((one, other) => (wish[one] as number) - (wish[other] as number));
      settle(members);
    }
    const crossings = crossingsOf(net, layers, place);
    if (crossings < fewest) {
      fewest = crossings;
      best = layers.map((members) => members.slice());
    }
  }
  return { layers: best, crossings: fewest };
}

/** When each is met by whoever follows every edge as far as it leads before the next. */
function firstMet(net: Net): Int32Array {
  const { ends, to } = net.after;
  const met = new Int32Array(net.count).fill(-1);
  let next = 0;
  const stack: number[] = [];
  for (const members of net.layers) {
    for (const first of members) {
      if (net.before.ends[first] !== net.before.ends[first + 1]) continue;
      stack.push(first);
      while (stack.length > 0) {
        const node = stack.pop() as number;
        if (met[node] !== -1) continue;
        met[node] = next++;
        for (let at = (ends[node + 1] as number) - 1; at >= (ends[node] as number); at -= 1) {
          if (met[to[at] as number] === -1) stack.push(to[at] as number);
        }
      }
    }
  }
  return met;
}

function crossingsOf(net: Net, layers: readonly Int32Array[], place: Int32Array): number {
  const { ends, to } = net.after;
  const tree = new Int32Array(1 + Math.max(0, ...layers.map((members) => members.length)));
  let total = 0;
  for (let index = 0; index + 1 < layers.length; index += 1) {
    const width = (layers[index + 1] as Int32Array).length;
    tree.fill(0);
    let placed = 0;
    for (const node of layers[index] as Int32Array) {
      const begin = ends[node] as number;
      const end = ends[node + 1] as number;
      for (let edge = begin; edge < end; edge += 1) {
        let upTo = 0;
        for (let at = (place[to[edge] as number] as number) + 1; at > 0; at -= at & -at) upTo += tree[at] as number;
        total += placed - upTo;
      }
      for (let edge = begin; edge < end; edge += 1) {
        for (let at = (place[to[edge] as number] as number) + 1; at <= width; at += at & -at)
          tree[at] = (tree[at] as number) + 1;
      }
      placed += end - begin;
    }
  }
  return total;
}

const PASSES = 6;

/** The height of the middle of each node and waypoint. */
function heightsOf(net: Net, { layers }: Ordered): Float32Array {
  const y = new Float32Array(net.count);
  const room = (one: number, other: number) =>
    one < net.nodes && other < net.nodes
      ? NODE_HEIGHT + NODE_GAP
      : one < net.nodes || other < net.nodes
        ? NODE_HEIGHT / 2 + NODE_GAP
        : WAY_GAP;
  const distances = layers.map((members) => {
    const found = new Float64Array(members.length);
    for (let index = 1; index < members.length; index += 1)
      found[index] = (found[index - 1] as number) + room(members[index - 1] as number, members[index] as number);
    return found;
  });
  const tallest = Math.max(0, ...distances.map((found) => found.at(-1) ?? 0));
  layers.forEach((members, at) => {
    const found = distances[at] as Float64Array;
    const top = (tallest - (found.at(-1) ?? 0)) / 2;
    members.forEach((node, index) => {
      y[node] = top + (found[index] as number);
    });
  });
  const widest = Math.max(0, ...layers.map((members) => members.length));
  const wishes = new Float64Array(widest);
  const weights = new Float64Array(widest);
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (let step = 0; step < layers.length; step += 1) {
      const at = pass % 2 === 0 ? step : layers.length - 1 - step;
      place(layers[at] as Int32Array, distances[at] as Float64Array);
    }
  }
  let top = Number.POSITIVE_INFINITY;
  for (const height of y) top = Math.min(top, height);
  for (let node = 0; node < y.length; node += 1) y[node] = (y[node] as number) - top + NODE_HEIGHT / 2;
  return y;

  /** Bring each as near as it may come to the mean of its neighbours. */
  function place(members: Int32Array, found: Float64Array): void {
    for (let index = 0; index < members.length; index += 1) {
      const node = members[index] as number;
      let sum = 0;
      let weight = 0;
      for (const { ends, to } of [net.before, net.after]) {
        for (let at = ends[node] as number; at < (ends[node + 1] as number); at += 1) {
          const neighbour = to[at] as number;
          // Long edges are best straight.
          const share = node >= net.nodes && neighbour >= net.nodes ? 6 : 1;
          sum += share * (y[neighbour] as number);
          weight += share;
        }
      }
      wishes[index] = (weight === 0 ? (y[node] as number) : sum / weight) - (found[index] as number);
      weights[index] = weight === 0 ? 0.01 : 1;
    }
    ascending(wishes.subarray(0, members.length), weights);
    for (let index = 0; index < members.length; index += 1)
      y[members[index] as number] = (wishes[index] as number) + (found[index] as number);
  }
}

/** The nearest values that never descend, in place: neighbours that would are pooled. The weights are used up. */
export function ascending(values: Float64Array, weights: Float64Array): void {
  const sizes = new Int32Array(values.length);
  // Pools take the places of what they were made of, from the first on.
  let pools = 0;
  for (let index = 0; index < values.length; index += 1) {
    let mean = values[index] as number;
    let load = weights[index] as number;
    let size = 1;
    while (pools > 0 && (values[pools - 1] as number) > mean) {
      pools -= 1;
      const other = weights[pools] as number;
      mean = ((values[pools] as number) * other + mean * load) / (other + load);
      load += other;
      size += sizes[pools] as number;
    }
    values[pools] = mean;
    weights[pools] = load;
    sizes[pools] = size;
    pools += 1;
  }
  for (let at = values.length; pools > 0; ) {
    pools -= 1;
    const mean = values[pools] as number;
    values.fill(mean, at - (sizes[pools] as number), at);
    at -= sizes[pools] as number;
  }
}
