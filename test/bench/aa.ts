/**
 * Do results hold twice? Runs chains of short local benches of one and the same build and counts the figures that are
 * called changed, which at 95 % may be one in twenty; and of a build slowed by 10 %, how often that is noticed.
 *
 * npm run bench:aa -- --mode quiet|disturbed|builds|builds-disturbed|slowed --state FILE [--benches 41] [--seconds 170]
 *
 * The benches' reports are kept beside FILE, so that the chain can be run in slices: each call makes as many more benches
 * as fit into --seconds, until there are --benches of them, and prints the table of all until then. With --seconds 0 it
 * only prints.
 *
 * - quiet: benches one after the other; every two neighbours are a pair for `compare`.
 * - disturbed: the same, with a process that takes a core during every second bench.
 * - builds: two identical builds in one bench (`--handlers A --handlers B`), each bench a comparison of its own.
 * - builds-disturbed: the same, with a process that takes a core at random times, half of the time.
 * - slowed: two builds, one of them doing a tenth more work in every call.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isMode, MODES } from './aa/modes.ts';
import { runBenches } from './aa/run-benches.ts';
import { openState } from './aa/state.ts';
import { tableOf } from './aa/tabulate.ts';

const { values } = parseArgs({
  options: {
    mode: { type: 'string' },
    state: { type: 'string' },
    benches: { type: 'string', default: '41' },
    seconds: { type: 'string', default: '170' },
    calls: { type: 'string', default: '120' },
    parallel: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '12' },
    routes: { type: 'string', default: 'cat,sheep,dog' },
  },
});
const { mode, state: file } = values;
if (file === undefined || mode === undefined || !isMode(mode)) {
  throw new Error(`--mode takes one of ${MODES.join(', ')}, and --state a file`);
}
const { calls, parallel, rounds, routes } = values;
const state = openState(file, {
  mode,
  calls: Number(calls),
  parallel: Number(parallel),
  rounds: Number(rounds),
  routes,
});
await runBenches(state, { benches: Number(values.benches), seconds: Number(values.seconds) });
const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`;
process.stdout.write(`${machine}\n${tableOf(state)}`);
