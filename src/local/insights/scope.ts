import type { Expression } from './ast.ts';
import type { Scope } from './compile-expression.ts';
import type { Compiled } from './compiled.ts';
import { expressionText } from './expression-text.ts';
import { QueryError, type Span } from './query-error.ts';
import { fieldReader, SYSTEM_FIELDS } from './record-reader.ts';

/** A scope to which commands add fields. */
export interface QueryScope extends Scope {
  /** Reserves a slot for a value of each row and returns its number. */
  addSlot(): number;
  define(name: string, compiled: Compiled): void;
  defines(name: string): boolean;
  /** Whether rows are events, with a time and a message. */
  readonly events: boolean;
}

/** The scope before any `stats`: the fields of the event and those that the query defined. */
export class EventScope implements QueryScope {
  readonly events = true;
  readonly #fields = new Map<string, Compiled>();
  #slots = 0;

  field(name: string, span: Span): Compiled {
    const made = this.#fields.get(name);
    if (made !== undefined) return made;
    const generated = name.startsWith('@') && !name.startsWith('@@');
    if (generated && !Object.hasOwn(SYSTEM_FIELDS, name)) {
      throw new QueryError(
        `unknown field ${name}: fields with @ are ${Object.keys(SYSTEM_FIELDS).join(', ')}, and those that parse defines`,
        span,
      );
    }
    const { read, format } = fieldReader(name);
    return { evaluate: (environment) => read(environment.reader), format };
  }

  column(): undefined {
    return undefined;
  }

  aggregate(call: Extract<Expression, { kind: 'call' }>): Compiled {
    throw new QueryError(`${call.name} is an aggregation function, which only stats takes`, call.span);
  }

  addSlot(): number {
    this.#slots += 1;
    return this.#slots - 1;
  }

  define(name: string, compiled: Compiled): void {
    this.#fields.set(name, compiled);
  }

  defines(name: string): boolean {
    return this.#fields.has(name);
  }
}

const TIMESTAMP = '@timestamp';

/** The scope after a `stats`: its columns. If one of the keys is a time, `@timestamp` names it. */
export class GroupScope implements QueryScope {
  readonly events = false;
  readonly #fields = new Map<string, Compiled>();
  readonly #byText = new Map<string, Compiled>();
  #slots: number;
  #timeKey: Compiled | undefined;

  /** @param slots how many slots the rows of the groups have */
  constructor(slots: number) {
    this.#slots = slots;
  }

  field(name: string, span: Span): Compiled {
    const made = this.#fields.get(name) ?? (name === TIMESTAMP ? this.#timeKey : undefined);
    if (made !== undefined) return made;
    throw new QueryError(
      `Unknown symbols found in or after stats: ${name} (known are ${[...this.#fields.keys()].join(', ')})`,
      span,
    );
  }

  column(expression: Expression): Compiled | undefined {
    return expression.kind === 'field' ? undefined : this.#byText.get(expressionText(expression));
  }

  aggregate(call: Extract<Expression, { kind: 'call' }>): Compiled {
    throw new QueryError(`${call.name} is an aggregation function, which only stats takes`, call.span);
  }

  /** Sets the key that `@timestamp` stands for, as in `stats count(*) by bin(5m) | sort @timestamp`. */
  setTimeKey(key: Compiled): void {
    this.#timeKey = key;
  }

  addSlot(): number {
    this.#slots += 1;
    return this.#slots - 1;
  }

  define(name: string, compiled: Compiled, expression?: Expression): void {
    this.#fields.set(name, compiled);
    if (expression !== undefined) this.#byText.set(expressionText(expression), compiled);
  }

  defines(name: string): boolean {
    return this.#fields.has(name);
  }
}
