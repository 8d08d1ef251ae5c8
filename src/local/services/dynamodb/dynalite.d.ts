/** The parts of dynalite 4 that the local database uses: its validations and its operations, without its server. */

declare module 'dynalite/db/index.js' {
  export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  export interface KeySchemaElement {
    readonly AttributeName: string;
    readonly KeyType: 'HASH' | 'RANGE';
  }
  export interface Table {
    readonly TableName: string;
    readonly TableStatus: string;
    readonly KeySchema: readonly KeySchemaElement[];
  }
  export interface DynaliteError extends Error {
    statusCode?: number;
    body?: { readonly __type: string; readonly message?: string };
  }
  const db: {
    itemSize(item: Item, compress: boolean, addMetaSize: boolean, rangeKey: string | undefined): number;
    /** An error to return, or null or undefined. */
    validateKey(key: Item, table: Table): DynaliteError | null | undefined;
    createIndexKey(item: Item, table: Table, keySchema: readonly KeySchemaElement[]): string;
    validationError(message: string): DynaliteError;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: unknown, types: unknown): Record<string, unknown>;
    checkValidations(data: unknown, types: unknown, custom: unknown, store: unknown): void;
  };
  export default validations;
}

declare module 'dynalite/validations/*.js' {
  const validation: { readonly types: unknown; readonly custom?: unknown };
  export default validation;
}

declare module 'dynalite/actions/*.js' {
  import type { DynaliteError } from 'dynalite/db/index.js';

  const action: (
    store: unknown,
    data: Record<string, unknown>,
    callback: (error: DynaliteError | null | undefined, data?: object) => void,
  ) => void;
  export default action;
}

declare module 'dynalite/db/conditionParser.js' {
  const parser: {
    /** @throws an Error named SyntaxError, or one with the message to answer */
    parse: (text: string, options: { readonly context: object }) => object;
  };
  export default parser;
}
