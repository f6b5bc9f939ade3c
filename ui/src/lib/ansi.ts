/** The colours that programs write for terminals, as parts of a text. Every other control sequence is left out. */

export interface Part {
  readonly text: string;
  /** Names of classes: "ansi-31", "ansi-bold". */
  readonly classes: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCE = /\x1b\[([0-9;?]*)([A-Za-z])|\x1b[\]P^_].*?(?:\x07|\x1b\\|$)|\x1b.|[\x00-\x08\x0b-\x1a\x1c-\x1f]/gs;

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  const styles = new Set<string>();
  let at = 0;
  const push = (end: number) => {
    if (end > at) parts.push({ text: text.slice(at, end), classes: [...styles].join(" ") });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(match.index);
    at = match.index + match[0].length;
    if (match[2] === "m") apply(match[1] ?? "", styles);
  }
  push(text.length);
  return parts;
}

function apply(codes: string, styles: Set<string>): void {
  const numbers = codes.split(";").map(Number);
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index] ?? 0;
    if (code === 0) styles.clear();
    else if (code === 1) styles.add("ansi-bold");
    else if (code === 22) styles.delete("ansi-bold");
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97) || code === 39) {
      for (const style of styles) if (/^ansi-\d/.test(style)) styles.delete(style);
      if (code !== 39) styles.add(`ansi-${code % 10}`);
    } else if (code === 38 || code === 48) {
      // Colours of larger palettes: what belongs to them is passed over.
      index += numbers[index + 1] === 5 ? 2 : 4;
    }
  }
}

/** The text alone. */
export function plain(text: string): string {
  return partsOf(text)
    .map((part) => part.text)
    .join("");
}
