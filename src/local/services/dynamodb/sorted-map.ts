interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

/**
 * The largest chunk. A larger one is split in two, so an insertion moves at most this many entries, whatever the map's
 * size.
 */
const MAX_CHUNK = 512;

/** A map with sorted keys (compared by UTF-16 units; dynalite's keys are hex digits). */
export class SortedMap<V> {
  readonly #index = new Map<string, V>();
  readonly #chunks: Chunk<V>[] = [];

  get size(): number {
    return this.#index.size;
  }

  get(key: string): V | undefined {
    return this.#index.get(key);
  }

  set(key: string, value: V): void {
    const isNew = !this.#index.has(key);
    this.#index.set(key, value);
    const at = Math.max(0, this.#chunkOf(key));
    let chunk = this.#chunks[at];
    if (chunk === undefined) {
      chunk = { keys: [], values: [] };
      this.#chunks.push(chunk);
    }
    const position = lowerBound(chunk.keys, key);
    if (!isNew) {
      chunk.values[position] = value;
      return;
    }
    chunk.keys.splice(position, 0, key);
    chunk.values.splice(position, 0, value);
    if (chunk.keys.length > MAX_CHUNK) {
      const half = MAX_CHUNK / 2;
      this.#chunks.splice(at + 1, 0, { keys: chunk.keys.splice(half), values: chunk.values.splice(half) });
    }
  }

  delete(key: string): void {
    if (!this.#index.delete(key)) return;
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const position = lowerBound(chunk.keys, key);
    chunk.keys.splice(position, 1);
    chunk.values.splice(position, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(at, 1);
  }

  /**
   * Calls `visit` for the entries in order, from the first key that is not before `from`, until `visit` returns false.
   */
  walk(from: string, visit: (key: string, value: V) => boolean): void {
    let at = Math.max(0, this.#chunkOf(from));
    let position = lowerBound(this.#chunks[at]?.keys ?? [], from);
    for (; at < this.#chunks.length; at += 1, position = 0) {
      const { keys, values } = this.#chunks[at] as Chunk<V>;
      for (; position < keys.length; position += 1) {
        if (!visit(keys[position] as string, values[position] as V)) return;
      }
    }
  }

  /** Returns the last chunk whose first key is not after `key`; -1 if `key` comes before all. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.keys[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Returns the first position whose key is not before `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
