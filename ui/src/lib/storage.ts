/** What the browser keeps between visits: settings of the viewer, never data. A browser may refuse. */

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`quaestor.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`quaestor.${name}`, value);
  } catch {
    // The next visit starts anew.
  }
}
