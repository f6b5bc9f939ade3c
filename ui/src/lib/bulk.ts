/** One action on many runs: which of them it can be done to, and why not to the others. Pure but for `each`. */

import type { StateName } from "../api/states";
import { mayBecome, reasonAgainst } from "./actions";

export type BulkAction = "cancel" | "mark" | "delete";

export interface Chosen {
  readonly id: string;
  readonly state: string | null;
  readonly version: number;
}

export interface Parted<Run> {
  readonly able: readonly Run[];
  /** How many are left out, by the reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** Those it can be done to, and the reasons why not to the rest. */
export function part<Run extends Chosen>(
  action: BulkAction,
  runs: readonly Run[],
  outcome: StateName = "Success",
): Parted<Run> {
  const able: Run[] = [];
  const reasons = new Map<string, number>();
  for (const run of runs) {
    const reason = reasonNot(action, run, outcome);
    if (reason === null) able.push(run);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return { able, reasons };
}

function reasonNot(action: BulkAction, { state }: Chosen, outcome: StateName): string | null {
  if (action !== "mark") return reasonAgainst(action, { state, unfinishedBusiness: 0 });
  return mayBecome(state, outcome) ? null : `A run that is ${state} cannot become ${outcome}.`;
}

const AT_ONCE = 4;

/** Do something to each, a few at a time; gives what went wrong, by what was said, and how often. */
export async function each<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  onProgress: (done: number) => void,
): Promise<ReadonlyMap<string, number>> {
  const wrong = new Map<string, number>();
  let next = 0;
  let done = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      try {
        await work(item);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        wrong.set(said, (wrong.get(said) ?? 0) + 1);
      }
      done += 1;
      onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong;
}
