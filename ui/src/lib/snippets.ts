/** Programs that give what is on screen: in Python, as a question in GraphQL, and on the command line. */

export const LANGUAGES = ["Python", "GraphQL", "CLI"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Snippets = Readonly<Record<Language, string>>;

/** What of a flow run is looked at. */
export interface Looked {
  readonly flowRunId: string;
  readonly tab: string;
  readonly asOf?: string | undefined;
  /** States of task runs. */
  readonly states?: readonly string[] | undefined;
  /** Letters in the names of task runs. */
  readonly task?: string | undefined;
  /** Words in log lines. */
  readonly words?: string | undefined;
  readonly levels?: readonly string[] | undefined;
  readonly taskRunId?: string | undefined;
}

// JSON texts are texts of GraphQL and of Python as well.
const quoted = (text: string): string => JSON.stringify(text);
const listed = (texts: readonly string[]): string => `[${texts.map(quoted).join(", ")}]`;

/** A word of a shell. */
export function word(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function questionOf(looked: Looked): string {
  const { flowRunId, tab, asOf, states, task, words, levels, taskRunId } = looked;
  const moment = asOf === undefined ? "" : `, as_of: ${quoted(asOf)}`;
  const conditions = [`flow_run_id: {_eq: ${quoted(flowRunId)}}`];
  if (tab === "logs") {
    if (levels !== undefined) conditions.push(`level: {_in: ${listed(levels)}}`);
    if (taskRunId !== undefined) conditions.push(`task_run_id: {_eq: ${quoted(taskRunId)}}`);
    const search = words === undefined ? "" : `, search: ${quoted(words)}`;
    return `{
  log(where: {${conditions.join(", ")}}${search}, order_by: [{sequence: asc}]${moment}) {
    timestamp level name message
  }
}`;
  }
  if (tab === "history") {
    return `{
  flow_run_state(where: {${conditions.join(", ")}}, order_by: [{sequence: asc}]${moment}) {
    timestamp state message set_by
  }
}`;
  }
  if (tab === "artifacts") {
    return `{
  task_run_artifact(where: {${conditions.join(", ")}}, order_by: [{sequence: asc}]${moment}) {
    kind data task_run { id name task { name } }
  }
}`;
  }
  if (tab === "details") {
    return `{
  flow_run_by_pk(id: ${quoted(flowRunId)}${moment}) {
    name state scheduled_start_time start_time end_time parameters context labels run_config
  }
}`;
  }
  if (states !== undefined) conditions.push(`state: {_in: ${listed(states)}}`);
  if (task !== undefined) conditions.push(`task: {name: {_ilike: ${quoted(`%${task.replace(/[\\%_]/g, "\\$&")}%`)}}}`);
  return `{
  flow_run_by_pk(id: ${quoted(flowRunId)}${moment}) { name state state_message }
  task_run(where: {${conditions.join(", ")}}, order_by: [{start_time: asc}]${moment}) {
    id state state_message map_index start_time end_time task { name }
  }
}`;
}

/** What a tab of a flow run's page shows. */
export function ofFlowRun(looked: Looked): Snippets {
  const { flowRunId, tab, asOf, states, task, words, levels, taskRunId } = looked;
  const question = questionOf(looked);
  const isPlainLog =
    tab === "logs" && asOf === undefined && words === undefined && levels === undefined && taskRunId === undefined;
  return {
    Python: pythonOf(),
    GraphQL: question,
    CLI: isPlainLog ? `prefect get logs --id ${flowRunId}` : `prefect graphql ${word(question)}`,
  };

  function pythonOf(): string {
    const view = `from prefect.backend import FlowRunView

flow_run = FlowRunView.from_flow_run_id(${quoted(flowRunId)}${asOf === undefined ? "" : `, as_of=${quoted(asOf)}`})`;
    if (tab === "logs" && words === undefined && taskRunId === undefined) {
      const only = levels === undefined ? "" : `\n    if logging.getLevelName(log.level) in ${listed(levels)}:`;
      const print = "print(log.timestamp, logging.getLevelName(log.level), log.message)";
      return `import logging

${view}
for log in flow_run.get_logs():${only}
    ${only === "" ? "" : "    "}${print}`;
    }
    if (tab === "logs" || tab === "history" || tab === "artifacts") return pythonThatAsks(question);
    if (tab === "details") {
      return `${view}
print(flow_run.name, flow_run.state, flow_run.parameters, flow_run.context, flow_run.labels, flow_run.run_config)`;
    }
    if (task !== undefined) return pythonThatAsks(question);
    const only = states === undefined ? "" : `\n    if type(task_run.state).__name__ in ${listed(states)}:`;
    return `${view}
print(flow_run.name, flow_run.state)
for task_run in flow_run.iter_task_runs():${only}
    ${only === "" ? "" : "    "}print(task_run.task_slug, task_run.map_index, task_run.state)`;
  }
}

function pythonThatAsks(question: string): string {
  return `from prefect import Client

answer = Client().graphql(
    r"""
${question}
"""
)
print(answer["data"])`;
}

/** What the page of a task run shows. */
export function ofTaskRun(taskRunId: string, asOf?: string): Snippets {
  const moment = asOf === undefined ? "" : `, as_of: ${quoted(asOf)}`;
  const question = `{
  task_run_by_pk(id: ${quoted(taskRunId)}${moment}) {
    name state state_message map_index start_time end_time task { name slug }
    states(order_by: [{sequence: asc}]) { timestamp state message set_by }
    logs(order_by: [{sequence: asc}]) { timestamp level message }
  }
}`;
  return {
    Python: `from prefect.backend import TaskRunView

task_run = TaskRunView.from_task_run_id(${quoted(taskRunId)}${asOf === undefined ? "" : `, as_of=${quoted(asOf)}`})
print(task_run.state)
# Where this machine can read the result:
# print(task_run.get_result())`,
    GraphQL: question,
    CLI: `prefect graphql ${word(question)}`,
  };
}
