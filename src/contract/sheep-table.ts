/** A sheep to write into a table directly. Numbers are decimal text, because a tattoo may exceed 2^53. */
export interface SheepToSeed {
  readonly tattoo: string;
  /** In micrograms. */
  readonly weight: string;
  /** The size of an added attribute without meaning, so that few sheep fill a scan page. */
  readonly ballastBytes?: number;
}

/** A sheep as it is stored in the table. */
export interface StoredSheep {
  readonly tattoo: string;
  /** Undefined if the attribute is missing or is not a number. */
  readonly weight: string | undefined;
  /** The DynamoDB type of every attribute: `{ tattoo: 'N', weight: 'N' }`. */
  readonly attributeTypes: Readonly<Record<string, string>>;
}

export interface SheepScan {
  /** In the order in which the scan returned them. */
  readonly sheep: readonly StoredSheep[];
  /** How many pages the scan had. */
  readonly pages: number;
}

/** Direct access to a shed's table, for rules to prepare it and to look into it. */
export interface SheepTable {
  readonly name: string;
  /** Writes sheep. A sheep of the same tattoo is replaced. */
  put(sheep: readonly SheepToSeed[]): Promise<void>;
  /** Reads one sheep by a consistent read. */
  read(tattoo: string): Promise<StoredSheep | undefined>;
  remove(tattoos: readonly string[]): Promise<void>;
  /**
   * Scans the whole table. A consistent scan sees every write that was answered; an eventual one may miss recent
   * writes.
   */
  scan(consistency: 'consistent' | 'eventual'): Promise<SheepScan>;
  /** Removes every sheep and returns how many there were. */
  clear(): Promise<number>;
}
