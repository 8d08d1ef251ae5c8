import type { MadeForecast } from '../../../src/model/forecast.ts';
import type { Report } from '../../../src/model/report.ts';
import { localReport } from './local-runs.ts';
import { readRows } from './public-data.ts';

/** The init of a function that loads nothing beside its language, beside lambda-perf's. */
export interface InitRow {
  readonly runtime: string;
  readonly measuredMs: number;
  readonly forecastMs: number;
}

/** The cats of the fair handlers: each starts its interpreter and loads a few lines, as lambda-perf's functions do. */
export function helloReport(): Promise<Report> {
  return localReport([], [{ route: 'cat', calls: 24, parallel: 2, cold: 10 }]);
}

/** Lambda's name of the runtime whose version ran here: the machine's interpreter, not the one that the manifest names. */
function lambdaPerfName(runtime: string, interpreter: string | undefined): string {
  const [major = '', minor = ''] = (interpreter ?? '').split('.');
  if (runtime === 'node') return `nodejs${major}.x`;
  return runtime === 'python' ? `python${major}.${minor}` : `${runtime} (prov.al2023)`;
}

/** The forecast inits of an x86_64 function, each beside the median of lambda-perf at 128 and 512 MB. */
export function initRows({ runs }: Report, { functions }: MadeForecast): InitRow[] {
  const measured = readRows('lambda-perf-2026-cold-starts.csv');
  return functions.flatMap(({ runId, runtime, initMs }): InitRow[] => {
    const name = lambdaPerfName(runtime, runs.find((run) => run.runId === runId)?.interpreter);
    const medians = measured
      .filter((row) => row.runtime === name && row.arch === 'x86_64' && row.package === 'zip')
      .map((row) => Number(row.init_ms_p50));
    const [first] = medians;
    if (initMs === undefined || first === undefined) return [];
    const measuredMs = medians.reduce((sum, ms) => sum + ms, 0) / medians.length;
    return [{ runtime: name, measuredMs, forecastMs: initMs.value }];
  });
}
