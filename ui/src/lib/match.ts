/** A pattern of LIKE that finds these letters anywhere. */
export function containing(letters: string): string {
  return `%${letters.replace(/[\\%_]/g, "\\$&")}%`;
}

const ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Whether this is the id of something. */
export function isId(letters: string): boolean {
  return ID.test(letters.trim());
}

/**
 * How well words fit letters that are typed: less is better, null is not at all. Letters may be left out, as in
 * "cl" for "concurrency limits"; what begins so, or has a word that does, comes first.
 */
export function howWell(words: string, typed: string): number | null {
  const text = words.toLowerCase();
  const letters = typed.trim().toLowerCase();
  if (letters === "") return 0;
  if (text.startsWith(letters)) return 0;
  if (text.includes(` ${letters}`)) return 1;
  if (text.includes(letters)) return 2;
  let at = 0;
  let gaps = 0;
  for (const letter of letters.replaceAll(" ", "")) {
    const found = text.indexOf(letter, at);
    if (found < 0) return null;
    // A letter in the middle of a word, away from the one before, is hardly what is meant.
    if (found !== at && found > 0 && text[found - 1] !== " ") gaps += 1;
    at = found + 1;
  }
  return gaps > 1 ? null : 3 + gaps;
}
