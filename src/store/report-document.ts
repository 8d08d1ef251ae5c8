import { usageError } from '../errors.ts';
import { REPORT_SCHEMA, type Report } from '../model/report.ts';

const SAMPLE_COLUMNS = [
  'atMs',
  'round',
  'environment',
  'durationMs',
  'initMs',
  'billedMs',
  'memoryMB',
  'status',
] as const;

const REPORT_FAMILY = REPORT_SCHEMA.split('@')[0] ?? '';

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** The first member of a report that is not there or of another kind than it should be; undefined where all is well. */
function firstFault(report: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof report.createdAtEpochMs !== 'number') return 'createdAtEpochMs';
  if (typeof record(report.target)?.kind !== 'string') return 'target.kind';
  if (typeof record(report.queries)?.aggregate !== 'string') return 'queries.aggregate';
  if (!Array.isArray(report.runs)) return 'runs';
  for (const [index, item] of report.runs.entries()) {
    const run = record(item);
    const at = `runs[${index}]`;
    if (run === undefined) return at;
    for (const name of ['runId', 'label', 'runtime', 'route']) {
      if (typeof run[name] !== 'string') return `${at}.${name}`;
    }
    if (record(run.plan) === undefined) return `${at}.plan`;
    const server = record(run.server);
    if (server?.state !== 'measured' && server?.state !== 'unavailable') return `${at}.server.state`;
    const samples = server.samples === undefined ? undefined : record(server.samples);
    if (server.samples !== undefined && samples === undefined) return `${at}.server.samples`;
    if (samples !== undefined) {
      const columns = SAMPLE_COLUMNS.map((name) => samples[name]);
      const lengths = new Set(columns.map((column) => (Array.isArray(column) ? column.length : -1)));
      if (lengths.size !== 1 || lengths.has(-1)) return `${at}.server.samples`;
    }
  }
  return undefined;
}

/**
 * Reads a report from its JSON document.
 * @throws usageError `not-a-report` for any other text, `report-version` for a document of another schema version
 */
export function readReport(text: string, name: string): Report {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw usageError(
      'not-a-report',
      `${name} is no report: it is not JSON${text.trimStart().startsWith('{') ? ', or was cut short' : ''}`,
      'shedbench report -o report.json writes one',
    );
  }
  const report = record(document);
  const schema = report?.schema;
  if (report === undefined || typeof schema !== 'string' || !schema.startsWith(`${REPORT_FAMILY}@`)) {
    throw usageError(
      'not-a-report',
      `${name} is no report of shedbench`,
      'shedbench report -o report.json writes one',
    );
  }
  if (schema !== REPORT_SCHEMA) {
    throw usageError(
      'report-version',
      `${name} is of schema ${schema}; this shedbench reads ${REPORT_SCHEMA}`,
      'Write both reports with the same version of shedbench',
    );
  }
  const fault = firstFault(report);
  if (fault !== undefined) {
    throw usageError('not-a-report', `${name} is damaged: ${fault} is missing or of the wrong kind`);
  }
  return document as Report;
}
