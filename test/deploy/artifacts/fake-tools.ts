import type { RunTool, ToolOutcome, ToolRun } from '../../../src/deploy/artifacts/run-tool.ts';

/** Answers commands from a table by their words; what is not in it is not found. Records every run. */
export function fakeTools(
  answers: Readonly<Record<string, Partial<ToolOutcome> | ((run: ToolRun) => Partial<ToolOutcome>)>>,
): { readonly runTool: RunTool; readonly runs: ToolRun[] } {
  const runs: ToolRun[] = [];
  const runTool: RunTool = async (run) => {
    runs.push(run);
    const answer = answers[run.command.join(' ')];
    if (answer === undefined) return { kind: 'not-found', lastLines: [] };
    const outcome = typeof answer === 'function' ? answer(run) : answer;
    for (const line of outcome.lastLines ?? []) run.onLine?.(line);
    return { kind: 'exited', exitCode: 0, lastLines: [], ...outcome };
  };
  return { runTool, runs };
}
