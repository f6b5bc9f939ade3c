import { isOneOf } from "./states";

interface Passed {
  readonly state: string;
  readonly message: string | null;
  readonly timestamp: string;
}

export interface Attempt {
  readonly number: number;
  readonly begun: string;
  /** Null while it goes on. */
  readonly ended: string | null;
  /** The state that came of it; null while it goes on. */
  readonly outcome: string | null;
  readonly message: string | null;
}

/** The times that a task was tried, from the states that its run went through. */
export function attemptsOf(states: readonly Passed[]): Attempt[] {
  const attempts: Attempt[] = [];
  states.forEach((here, index) => {
    if (here.state !== "Running") return;
    // Being cancelled is still running.
    const end = states.slice(index + 1).find(({ state }) => !isOneOf(state, "RUNNING"));
    attempts.push({
      number: attempts.length + 1,
      begun: here.timestamp,
      ended: end?.timestamp ?? null,
      outcome: end?.state ?? null,
      message: end?.message ?? null,
    });
  });
  return attempts;
}
