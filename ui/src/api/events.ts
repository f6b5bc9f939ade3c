/** Server-sent events as they come in pieces. */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
  readonly id: string | null;
}

/** Gathers pieces of a stream into its events. A comment, which keeps the connection open, is an event named "". */
export class EventReader {
  private rest = "";

  read(piece: string): ServerEvent[] {
    const blocks = (this.rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.filter((block) => block !== "").map(parse);
  }
}

function parse(block: string): ServerEvent {
  let name = "";
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "id") id = value;
    else if (field === "data") data.push(value);
  }
  return { name, id, data: data.join("\n") };
}
