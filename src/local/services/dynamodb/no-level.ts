/**
 * Stands in the bundle for `level` and `memory-level`, which dynalite's own store would open: this cloud's store is
 * another, and the native module behind `level` can't be bundled.
 */
export class Level {
  constructor() {
    throw new Error("dynalite's own store is not part of the local cloud");
  }
}

export { Level as MemoryLevel };
