/**
 * What runs Node functions in a sandbox of the local cloud: a client of the Runtime API that loads the handler and
 * behaves as Lambda's Node runtime does. Bundled into dist/node-bootstrap.mjs; it imports nothing of the program.
 */
import { loadAndRun } from './runtime.ts';

loadAndRun();
