import { compact, type Search, text } from "../../lib/search";

export interface ProjectsSearch {
  readonly name?: string;
}

export function readProjects(search: Search): ProjectsSearch {
  return compact({ name: text(search, "name") }) as ProjectsSearch;
}
