/**
 * Replaces `level` and `memory-level` in the bundle. Only dynalite's own store uses them, which this cloud does not,
 * and the native module of `level` can't be bundled.
 */
export class Level {
  constructor() {
    throw new Error("dynalite's own store is not part of the local cloud");
  }
}

export { Level as MemoryLevel };
