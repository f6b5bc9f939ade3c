/** A pattern of LIKE that finds these letters anywhere. */
export function containing(letters: string): string {
  return `%${letters.replace(/[\\%_]/g, "\\$&")}%`;
}

const ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Whether this is the id of something. */
export function isId(letters: string): boolean {
  return ID.test(letters.trim());
}
