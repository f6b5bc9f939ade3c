import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

// `npm run dev` shows the sources at once and asks a server that runs already.
const api = loadEnv("development", ".", "QUAESTOR").QUAESTOR_API ?? "http://127.0.0.1:4200";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/prefect/server/ui",
    emptyOutDir: true,
    target: "es2022",
    // The rules under which the page is served forbid script and fonts in the text of a document.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/graphql", "/auth"].map((path) => [
        path,
        { target: api, changeOrigin: false, headers: { origin: api, host: new URL(api).host } },
      ]),
    ),
  },
});
