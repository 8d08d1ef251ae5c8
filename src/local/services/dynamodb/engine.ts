import batchGetItem from 'dynalite/actions/batchGetItem.js';
import batchWriteItem from 'dynalite/actions/batchWriteItem.js';
import createTable from 'dynalite/actions/createTable.js';
import deleteItem from 'dynalite/actions/deleteItem.js';
import deleteTable from 'dynalite/actions/deleteTable.js';
import describeTable from 'dynalite/actions/describeTable.js';
import describeTimeToLive from 'dynalite/actions/describeTimeToLive.js';
import getItem from 'dynalite/actions/getItem.js';
import listTables from 'dynalite/actions/listTables.js';
import listTagsOfResource from 'dynalite/actions/listTagsOfResource.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import tagResource from 'dynalite/actions/tagResource.js';
import untagResource from 'dynalite/actions/untagResource.js';
import updateItem from 'dynalite/actions/updateItem.js';
import updateTable from 'dynalite/actions/updateTable.js';
import type { DynaliteError } from 'dynalite/db/index.js';
import batchGetItemRules from 'dynalite/validations/batchGetItem.js';
import batchWriteItemRules from 'dynalite/validations/batchWriteItem.js';
import createTableRules from 'dynalite/validations/createTable.js';
import deleteItemRules from 'dynalite/validations/deleteItem.js';
import deleteTableRules from 'dynalite/validations/deleteTable.js';
import describeTableRules from 'dynalite/validations/describeTable.js';
import describeTimeToLiveRules from 'dynalite/validations/describeTimeToLive.js';
import getItemRules from 'dynalite/validations/getItem.js';
import validations from 'dynalite/validations/index.js';
import listTablesRules from 'dynalite/validations/listTables.js';
import listTagsOfResourceRules from 'dynalite/validations/listTagsOfResource.js';
import putItemRules from 'dynalite/validations/putItem.js';
import queryRules from 'dynalite/validations/query.js';
import scanRules from 'dynalite/validations/scan.js';
import tagResourceRules from 'dynalite/validations/tagResource.js';
import untagResourceRules from 'dynalite/validations/untagResource.js';
import updateItemRules from 'dynalite/validations/updateItem.js';
import updateTableRules from 'dynalite/validations/updateTable.js';
import { MemoryStore, type StoreOptions } from './memory-store.ts';
import './condition-cache.ts';
import { nestsDeeperThan } from '../../protocols/json-depth.ts';
import { MAX_BRACKETS, tooDeepExpression } from './expression-depth.ts';
import { isPlainScan, plainScan } from './plain-scan.ts';

/** Attributes nest up to 32 levels, each of which is two levels of JSON, inside a few levels of the request. */
const MAX_DEPTH = 80;
const SERIALIZATION = 'com.amazon.coral.service#SerializationException';
const VALIDATION = 'com.amazon.coral.validate#ValidationException';

export interface EngineAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

export interface Engine {
  /** Runs one operation, named without `DynamoDB_20120810.`, with its JSON input. Never rejects. */
  execute(operation: string, input: string): Promise<EngineAnswer>;
}

/** Listed by name, because a bundler can't follow dynalite's own `require` calls with computed names. */
const OPERATIONS = {
  BatchGetItem: { run: batchGetItem, rules: batchGetItemRules },
  BatchWriteItem: { run: batchWriteItem, rules: batchWriteItemRules },
  CreateTable: { run: createTable, rules: createTableRules },
  DeleteItem: { run: deleteItem, rules: deleteItemRules },
  DeleteTable: { run: deleteTable, rules: deleteTableRules },
  DescribeTable: { run: describeTable, rules: describeTableRules },
  DescribeTimeToLive: { run: describeTimeToLive, rules: describeTimeToLiveRules },
  GetItem: { run: getItem, rules: getItemRules },
  ListTables: { run: listTables, rules: listTablesRules },
  ListTagsOfResource: { run: listTagsOfResource, rules: listTagsOfResourceRules },
  PutItem: { run: putItem, rules: putItemRules },
  Query: { run: query, rules: queryRules },
  Scan: { run: scan, rules: scanRules },
  TagResource: { run: tagResource, rules: tagResourceRules },
  UntagResource: { run: untagResource, rules: untagResourceRules },
  UpdateItem: { run: updateItem, rules: updateItemRules },
  UpdateTable: { run: updateTable, rules: updateTableRules },
} as const;

export type OperationName = keyof typeof OPERATIONS;

/**
 * Creates a DynamoDB engine from dynalite's validations and operations over a store in memory.
 * @param log gets the errors that dynalite threw; they are bugs and answered with 500
 */
export function createEngine(options: StoreOptions, log: (message: string) => void): Engine {
  const store = new MemoryStore(options);
  return {
    async execute(operation, input) {
      if (!isOperation(operation)) {
        return failure(
          400,
          'com.amazon.coral.service#UnknownOperationException',
          `Unknown operation ${operation}`,
        );
      }
      try {
        return await run(store, operation, input);
      } catch (error) {
        if (isRefusal(error)) {
          return { status: error.statusCode, body: JSON.stringify(refusalBody(error, input)) };
        }
        // DynamoDB refuses null in place of a structure. dynalite fails with a TypeError.
        if (error instanceof TypeError && /\bnull\b/.test(input)) {
          return failure(400, SERIALIZATION, 'A structure or an attribute value may not be null');
        }
        log(`${operation} failed: ${error instanceof Error ? error.stack : String(error)}`);
        return failure(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 'The database failed');
      }
    },
  };
}

function run(store: MemoryStore, operation: OperationName, input: string): Promise<EngineAnswer> {
  const { run: action, rules } = OPERATIONS[operation];
  if (nestsDeeperThan(input, MAX_DEPTH)) {
    return Promise.resolve(
      failure(
        400,
        VALIDATION,
        'Nesting Levels have exceeded supported limits: at most 32 levels of attributes',
      ),
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(input);
  } catch {
    return Promise.resolve(failure(400, SERIALIZATION, 'Not JSON'));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return Promise.resolve(failure(400, SERIALIZATION, 'Not a JSON object'));
  }
  const deep = tooDeepExpression(parsed as Readonly<Record<string, unknown>>);
  if (deep !== undefined) {
    const message = `Invalid ${deep}: the local database allows at most ${MAX_BRACKETS} levels of nested brackets`;
    return Promise.resolve(failure(400, VALIDATION, message));
  }
  const data = validations.checkTypes(parsed, rules.types);
  validations.checkValidations(data, rules.types, rules.custom, store);
  if (operation === 'Scan' && isPlainScan(data)) {
    const body = plainScan(store, data);
    if (typeof body !== 'string') throw body.error;
    return Promise.resolve({ status: 200, body });
  }
  return new Promise((resolve, reject) => {
    action(store, data, (error, output) => {
      if (error) reject(error);
      else resolve({ status: 200, body: JSON.stringify(withTableId(output ?? {})) });
    });
  });
}

/**
 * Completes table ids. Dynalite's are four digits shorter than a UUID, so clients that check AWS's model refuse them.
 * The added digits are derived from the id, so every operation returns the same one.
 */
function withTableId(output: object): object {
  for (const description of Object.values(output) as readonly unknown[]) {
    if (typeof description !== 'object' || description === null || !('TableId' in description)) continue;
    const id = String(description.TableId);
    if (/-[0-9a-f]{8}$/.test(id)) Object.assign(description, { TableId: `${id}${id.slice(0, 4)}` });
  }
  return output;
}

/** Dynalite's message for a table that exists says only that it is in use. */
function refusalBody(error: DynaliteError, input: string): DynaliteError['body'] {
  const { body } = error;
  if (body?.__type.endsWith('#ResourceInUseException') !== true || body.message !== '') return body;
  const { TableName } = JSON.parse(input) as { readonly TableName?: string };
  return { ...body, message: `Table already exists: ${TableName ?? ''}` };
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}

function isRefusal(error: unknown): error is DynaliteError & { readonly statusCode: number } {
  return error instanceof Error && typeof (error as DynaliteError).statusCode === 'number';
}

function failure(status: number, type: string, message: string): EngineAnswer {
  return { status, body: JSON.stringify({ __type: type, message }) };
}
