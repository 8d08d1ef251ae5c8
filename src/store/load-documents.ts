import { usageError } from '../errors.ts';
import { RUN_SCHEMA, type RunRecord } from '../model/run.ts';
import { checkDocument, type DocumentKind } from './document.ts';
import { runRecord } from './run-schema.ts';
import { exactly, list, object } from './shapes.ts';

/** The parts of the output of `load --json` and `merge --json` that are read here. */
interface LoadDocument {
  readonly schema: 'shedbench/load@1';
  readonly runs: readonly RunRecord[];
}

const LOAD_DOCUMENT: DocumentKind<LoadDocument> = {
  name: 'load',
  schema: 'shedbench/load@1',
  shape: object<LoadDocument>({ schema: exactly('shedbench/load@1'), runs: list(runRecord) }),
  hint: 'Run the load again',
};

/**
 * The runs in the JSON document of a load or a merge; `name` is for the messages.
 * @throws ShedbenchError exit 2: `not-a-load` for any other text, with the path of what is wrong in it; `load-version` for
 *   runs of another schema version
 */
export function readLoadDocument(text: string, name: string): readonly RunRecord[] {
  const checked = checkDocument(text, LOAD_DOCUMENT);
  if (checked.state === 'good') return checked.document.runs;
  if (checked.state === 'other-version') {
    throw usageError(
      'load-version',
      `${name} is of schema ${checked.schema}; this shedbench reads ${LOAD_DOCUMENT.schema} with runs of ${RUN_SCHEMA}.`,
      'Use the same version of shedbench on every machine',
    );
  }
  throw usageError(
    'not-a-load',
    `${name} is not a load of shedbench: ${checked.reason}.`,
    'shedbench load --json > load.json writes one',
  );
}
