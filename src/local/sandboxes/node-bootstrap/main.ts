/**
 * Runs Node functions in a sandbox of the local cloud. It is a client of the Runtime API that loads the handler and
 * behaves as Lambda's Node runtime does. It is bundled into dist/node-bootstrap.mjs and imports nothing of the program.
 */
import { loadAndRun } from './runtime.ts';

loadAndRun();
