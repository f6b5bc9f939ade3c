import { expect, test } from "vitest";
import { EventReader } from "./events";

test("events are read however the stream is cut", () => {
  const stream = 'id: 7\nevent: next\ndata: {"a":1}\n\n:\n\nevent: complete\ndata: \n\n';
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const reader = new EventReader();
    const events = [...reader.read(stream.slice(0, cut)), ...reader.read(stream.slice(cut))];
    expect(events).toEqual([
      { name: "next", id: "7", data: '{"a":1}' },
      { name: "", id: null, data: "" },
      { name: "complete", id: null, data: "" },
    ]);
  }
});

test("what has not come to its end is no event yet", () => {
  expect(new EventReader().read("event: next\ndata: {}\n")).toEqual([]);
});
