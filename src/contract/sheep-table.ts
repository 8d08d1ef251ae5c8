/** A sheep to put into a table, past the API. Numbers as decimal text: a tattoo may exceed 2^53. */
export interface SheepToSeed {
  readonly tattoo: string;
  /** Micrograms. */
  readonly weight: string;
  /** Bytes of an attribute of no meaning, to fill scan pages with few sheep. */
  readonly ballastBytes?: number;
}

/** A sheep as the table holds it. */
export interface StoredSheep {
  readonly tattoo: string;
  /** Undefined where there is none, or it is no number. */
  readonly weight: string | undefined;
  /** The type of every attribute: `{ tattoo: 'N', weight: 'N' }`. */
  readonly attributeTypes: Readonly<Record<string, string>>;
}

export interface SheepScan {
  /** In the order of the scan. */
  readonly sheep: readonly StoredSheep[];
  /** Answers that the scan took. */
  readonly pages: number;
}

/** A shed's table, past the API: how rules seed it and look into it. */
export interface SheepTable {
  readonly name: string;
  /** Puts sheep, over those of the same tattoo. */
  put(sheep: readonly SheepToSeed[]): Promise<void>;
  /** One sheep by a consistent read. */
  read(tattoo: string): Promise<StoredSheep | undefined>;
  remove(tattoos: readonly string[]): Promise<void>;
  /** The whole table; a consistent scan sees every write that was answered, another one may be a moment behind. */
  scan(consistency: 'consistent' | 'eventual'): Promise<SheepScan>;
  /** Removes every sheep and returns how many there were. */
  clear(): Promise<number>;
}
