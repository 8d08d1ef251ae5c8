import db, { type DynaliteError, type Item, type Table } from 'dynalite/db/index.js';
import type { MemoryStore, StoredItem } from './memory-store.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.Pagination */
const PAGE_BYTES = 1024 * 1024;
/** Inputs of a scan that only dynalite's own operation supports: filters, projections, indexes, capacity. */
const NOT_PLAIN = ['IndexName', 'ScanFilter', 'AttributesToGet', '_filter', '_projection'] as const;
/** dynalite assigns items to segments by the first three hex digits of their key's hash. */
const HASH_PREFIXES = 4096;

export interface ScanFailure {
  readonly error: DynaliteError;
}

/** Whether a validated Scan reads whole items of a table, or only counts them, and has no other options. */
export function isPlainScan(data: Readonly<Record<string, unknown>>): boolean {
  return (
    NOT_PLAIN.every((name) => data[name] === undefined) &&
    (data.ReturnConsumedCapacity === undefined || data.ReturnConsumedCapacity === 'NONE')
  );
}

/**
 * Renders the JSON answer of a plain scan. Its pages (1 MB or `Limit`) and segments are the same as dynalite's, but
 * items are not decoded and encoded again. Most requests of the shed are scans, and the database runs on the same
 * machine as the functions that are measured.
 */
export function plainScan(store: MemoryStore, data: Readonly<Record<string, unknown>>): string | ScanFailure {
  let table: Table | undefined;
  let missing: DynaliteError | null = null;
  store.getTable(String(data.TableName), true, (error, found) => {
    missing = error;
    table = found;
  });
  if (table === undefined) return { error: missing ?? db.validationError('Table not found') };
  const range = rangeOf(data, table);
  if ('error' in range) return range;
  const { entries } = store.getItemDb(table.TableName);
  const limit = typeof data.Limit === 'number' ? data.Limit : Number.POSITIVE_INFINITY;
  const rangeKey = table.KeySchema[1]?.AttributeName;
  const { after, before } = range;
  const isCount = data.Select === 'COUNT';
  const items: string[] = [];
  let count = 0;
  let pageBytes = 0;
  let last: StoredItem | undefined;
  entries.walk(after ?? '', (key, stored) => {
    if (key === after) return true;
    if (count >= limit || pageBytes >= PAGE_BYTES || (before !== undefined && key >= before)) return false;
    if (stored.pageBytes === -1) {
      stored.pageBytes = db.itemSize(JSON.parse(stored.json) as Item, true, true, rangeKey);
    }
    pageBytes += stored.pageBytes;
    count += 1;
    last = stored;
    if (!isCount) items.push(stored.json);
    return true;
  });
  const isPage = count > 0 && (count >= limit || pageBytes >= PAGE_BYTES);
  const lastKey = isPage && last !== undefined ? `,"LastEvaluatedKey":${keyOf(last.json, table)}` : '';
  const content = isCount ? '' : `,"Items":[${items.join(',')}]`;
  return `{"Count":${count}${content},"ScannedCount":${count}${lastKey}}`;
}

/** Returns the key range of the scan's segment and start key, both ends exclusive. */
function rangeOf(
  data: Readonly<Record<string, unknown>>,
  table: Table,
): { readonly after: string | undefined; readonly before: string | undefined } | ScanFailure {
  const total = Number(data.TotalSegments ?? 1);
  const segment = Number(data.Segment ?? 0);
  let after: string | undefined;
  let before: string | undefined;
  if (total > 1) {
    if (segment > 0) after = prefix(Math.ceil((HASH_PREFIXES * segment) / total));
    before = `${prefix(Math.ceil((HASH_PREFIXES * (segment + 1)) / total) - 1)}~`;
  }
  const startKey = data.ExclusiveStartKey as Item | undefined;
  if (startKey === undefined) return { after, before };
  if (Object.keys(startKey).length !== table.KeySchema.length) {
    return {
      error: db.validationError(
        'The provided starting key is invalid: The provided key element does not match the schema',
      ),
    };
  }
  const invalid = db.validateKey(startKey, table);
  if (invalid !== null && invalid !== undefined) {
    const reason = invalid.body?.message ?? invalid.message;
    return { error: db.validationError(`The provided starting key is invalid: ${reason}`) };
  }
  const start = db.createIndexKey(startKey, table, table.KeySchema);
  if ((after !== undefined && start < after) || (before !== undefined && start > before)) {
    return {
      error: db.validationError(
        `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${total} Segment: ${segment}`,
      ),
    };
  }
  // A start key contains its item's full key and more, so it sorts right after the item.
  return { after: start, before };
}

function prefix(value: number): string {
  return value.toString(16).padStart(3, '0');
}

function keyOf(json: string, table: Table): string {
  const item = JSON.parse(json) as Item;
  return JSON.stringify(
    Object.fromEntries(table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]])),
  );
}
