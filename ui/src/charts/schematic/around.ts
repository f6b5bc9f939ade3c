interface Edge {
  readonly upstream_task_id: string;
  readonly downstream_task_id: string;
}

/** A task with what leads to it and what it leads to, in so many steps at most. */
export function around(edges: readonly Edge[], task: string, steps: number): Set<string> {
  const found = new Set([task]);
  for (const [here, there] of [
    ["upstream_task_id", "downstream_task_id"],
    ["downstream_task_id", "upstream_task_id"],
  ] as const) {
    const next = Map.groupBy(edges, (edge) => edge[here]);
    const seen = new Set([task]);
    let front = [task];
    for (let step = 0; step < steps && front.length > 0; step += 1) {
      front = front
        .flatMap((id) => (next.get(id) ?? []).map((edge) => edge[there]))
        .filter((id) => !seen.has(id) && seen.add(id));
    }
    for (const id of seen) found.add(id);
  }
  return found;
}
