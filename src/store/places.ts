import { join } from 'node:path';

/** The folder of a working folder that holds all documents. */
export const DOCUMENTS_FOLDER = '.shedbench';

/** Paths from the working folder, as messages show them. */
export const PLACES = {
  runs: join(DOCUMENTS_FOLDER, 'runs'),
  reports: join(DOCUMENTS_FOLDER, 'reports'),
  deployments: join(DOCUMENTS_FOLDER, 'deployments'),
  grids: join(DOCUMENTS_FOLDER, 'grids'),
  changedFunctions: join(DOCUMENTS_FOLDER, 'changed-functions'),
  /** The marks of running loads. */
  running: join(DOCUMENTS_FOLDER, 'running'),
  lastCalls: join(DOCUMENTS_FOLDER, 'last-calls.json'),
  calibration: join(DOCUMENTS_FOLDER, 'calibration.json'),
  localState: join(DOCUMENTS_FOLDER, 'local.json'),
  localLock: join(DOCUMENTS_FOLDER, 'local.lock'),
  localLog: join(DOCUMENTS_FOLDER, 'local.log'),
  /** The log of the local cloud before the present one. */
  formerLocalLog: join(DOCUMENTS_FOLDER, 'local.log.1'),
  /** The page that `report --open` shows. */
  openedPage: join(DOCUMENTS_FOLDER, 'report.html'),
} as const;
