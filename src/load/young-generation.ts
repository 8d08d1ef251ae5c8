import v8 from 'node:v8';

/** V8's defaults: the factor by which a young generation with many survivors grows, and collection by several threads. */
const DEFAULT_FLAGS = ['--semi-space-growth-factor=2', '--parallel-scavenge'];
const LOAD_FLAGS = ['--semi-space-growth-factor=1', '--no-parallel-scavenge'];

/** The flags to which `withSmallYoungGeneration` returns. */
let usualFlags = DEFAULT_FLAGS;

/**
 * Keeps V8's young generation small for the rest of the process, as `withSmallYoungGeneration` does. Called at the start
 * of a command, while its size is 1 MB per half: reading the modules of a load would make it grow to 2 MB.
 */
export function keepYoungGenerationSmall(): void {
  usualFlags = LOAD_FLAGS;
  setFlags(LOAD_FLAGS);
  // What V8 compiled before is valid for the flags of that time only (src/compiled-chunks.ts).
  process.prependOnceListener('exit', () => setFlags(DEFAULT_FLAGS));
}

/**
 * Runs `work` while V8's young generation keeps its present size, and the thread that allocates also collects it.
 *
 * A load makes many short-lived objects and hardly any that survive, and V8 would let the young generation grow to 16 MB
 * per half for them. The process takes about 5 MB less. A collection of so small a generation takes 0.3 ms. With another
 * thread's help it takes about as long on a quiet machine, and 2 ms (median) where other programs keep that thread from
 * running, while the thread that sends the calls waits (docs/performance.md).
 */
export async function withSmallYoungGeneration<T>(work: () => Promise<T>): Promise<T> {
  setFlags(LOAD_FLAGS);
  try {
    return await work();
  } finally {
    setFlags(usualFlags);
  }
}

function setFlags(flags: readonly string[]): void {
  for (const flag of flags) v8.setFlagsFromString(flag);
}
