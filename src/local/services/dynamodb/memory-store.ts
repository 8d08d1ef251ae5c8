import { Readable } from 'node:stream';
import type { DynaliteError, Item, Table } from 'dynalite/db/index.js';
import { SortedMap } from './sorted-map.ts';

/** A stored value as JSON text. So readers do not share objects, and a scan can send it unchanged. */
export interface StoredItem {
  readonly json: string;
  /** How many bytes it counts towards a scan page of 1 MB. -1 until the first scan computes it. */
  pageBytes: number;
}

type Callback<T = undefined> = (error: DynaliteError | null, value?: T) => void;

interface StreamOptions {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** A missing value, as an error that dynalite recognizes. */
class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** A shared object, because a stack trace for every first write of an item would cost more than the write. */
const NOT_FOUND = new NotFoundError('No such key');

/**
 * A key space with the methods of a Level database that dynalite's operations call. Every callback is called before the
 * method returns. So an operation runs to its end without interruption, and the locks that dynalite takes have no
 * effect.
 */
class MemoryDb {
  readonly entries = new SortedMap<StoredItem>();

  get(key: string, callback: Callback<unknown>): void {
    const stored = this.entries.get(key);
    if (stored === undefined) callback(NOT_FOUND);
    else callback(null, JSON.parse(stored.json));
  }

  put(key: string, value: unknown, callback: Callback): void {
    this.entries.set(key, { json: JSON.stringify(value), pageBytes: -1 });
    callback(null);
  }

  del(key: string, callback: Callback): void {
    this.entries.delete(key);
    callback(null);
  }

  batch(
    operations: readonly { readonly type: 'put' | 'del'; readonly key: string; readonly value?: unknown }[],
    callback: Callback,
  ): void {
    for (const { type, key, value } of operations) {
      if (type === 'put') this.entries.set(key, { json: JSON.stringify(value), pageBytes: -1 });
      else this.entries.delete(key);
    }
    callback(null);
  }

  createKeyStream(options: StreamOptions = {}): Readable {
    return Readable.from(this.#range(options).map(([key]) => key));
  }

  createValueStream(options: StreamOptions = {}): Readable {
    return Readable.from(this.#range(options).map(([, stored]) => JSON.parse(stored.json) as object));
  }

  lock(
    _key: string | readonly string[],
    run: (release: (callback: (...args: unknown[]) => void) => typeof callback) => void,
  ): void {
    run((callback) => callback);
  }

  #range(options: StreamOptions): [string, StoredItem][] {
    const { gt, gte, lt, lte, limit = -1, reverse = false } = options;
    const found: [string, StoredItem][] = [];
    this.entries.walk(gt ?? gte ?? '', (key, stored) => {
      if (found.length === limit && !reverse) return false;
      if ((lt !== undefined && key >= lt) || (lte !== undefined && key > lte)) return false;
      if (key !== gt) found.push([key, stored]);
      return true;
    });
    if (reverse) {
      found.reverse();
      if (limit >= 0) found.splice(limit);
    }
    return found;
  }
}

export interface StoreOptions {
  readonly accountId: string;
  readonly region: string;
}

/** DynamoDB's largest item, in bytes. */
const MAX_ITEM_BYTES = 409_600;

/** The store in memory that dynalite's operations use. Tables change their status at once. */
export class MemoryStore {
  readonly options = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, maxItemSize: MAX_ITEM_BYTES };
  readonly tableDb: MemoryDb & { awsAccountId: string; awsRegion: string };
  readonly #databases = new Map<string, MemoryDb>();

  constructor(options: StoreOptions) {
    this.tableDb = Object.assign(new MemoryDb(), {
      awsAccountId: options.accountId,
      awsRegion: options.region,
    });
  }

  getItemDb(table: string): MemoryDb {
    return this.#database(`item/${table}`);
  }

  deleteItemDb(table: string, callback: Callback): void {
    this.#drop(`item/${table}`, callback);
  }

  getIndexDb(indexType: string, table: string, index: string): MemoryDb {
    return this.#database(`index/${indexType.toLowerCase()}/${table}/${index}`);
  }

  deleteIndexDb(indexType: string, table: string, index: string, callback: Callback): void {
    this.#drop(`index/${indexType.toLowerCase()}/${table}/${index}`, callback);
  }

  getTagDb(table: string): MemoryDb {
    return this.#database(`tag/${table}`);
  }

  deleteTagDb(table: string, callback: Callback): void {
    this.#drop(`tag/${table}`, callback);
  }

  /**
   * Passes the table's description to the callback. Unless `checkStatus` is false, the table must be active. dynalite
   * calls it with and without `checkStatus`.
   */
  getTable(name: string, checkStatus: boolean | Callback<Table>, callback?: Callback<Table>): void {
    const done = typeof checkStatus === 'function' ? checkStatus : callback;
    const mustBeActive = checkStatus !== false;
    this.tableDb.get(name, (_error, value) => {
      const table = value as Table | undefined;
      const isHidden =
        mustBeActive && (table?.TableStatus === 'CREATING' || table?.TableStatus === 'DELETING');
      if (table !== undefined && !isHidden) done?.(null, table);
      else done?.(noSuchTable(name, mustBeActive));
    });
  }

  #database(name: string): MemoryDb {
    let database = this.#databases.get(name);
    if (database === undefined) {
      database = new MemoryDb();
      this.#databases.set(name, database);
    }
    return database;
  }

  #drop(name: string, callback: Callback): void {
    this.#databases.delete(name);
    callback(null);
  }
}

function noSuchTable(name: string, isData: boolean): DynaliteError {
  return Object.assign(new NotFoundError(`No table ${name}`), {
    statusCode: 400,
    body: {
      __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
      message: isData
        ? 'Requested resource not found'
        : `Requested resource not found: Table: ${name} not found`,
    },
  });
}

export type { Item, Table };
