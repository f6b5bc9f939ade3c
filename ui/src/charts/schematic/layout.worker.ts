/** Lays graphs out beside the page. */

import { type Graph, layOut } from "./layout";

self.onmessage = ({ data }: MessageEvent<{ readonly asked: number; readonly graph: Graph }>) => {
  const began = performance.now();
  const layout = layOut(data.graph);
  self.postMessage({ asked: data.asked, layout, milliseconds: performance.now() - began });
};
