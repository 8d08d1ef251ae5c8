import type { Command, Expression, NamedExpression } from './ast.ts';
import { compileExpression } from './compile-expression.ts';
import { compileStats } from './compile-stats.ts';
import type { Compiled, Evaluate } from './compiled.ts';
import { parseQuery } from './parser.ts';
import { compileExtractor } from './pattern.ts';
import type { Column, QueryPlan, Step } from './plan.ts';
import { QueryError, type Span } from './query-error.ts';
import { EventScope, type QueryScope } from './scope.ts';

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html */
const MAX_STATS_COMMANDS = 10;
const DEFAULT_COLUMNS = ['@timestamp', '@message'];

/**
 * Compiles the text of a query.
 * @throws QueryError naming what is malformed or unknown, with its position in the text
 */
export function compileQuery(text: string): QueryPlan {
  const compiler = new QueryCompiler();
  const { source, commands } = parseQuery(text);
  for (const command of commands) compiler.add(command);
  return { ...compiler.finish(), source };
}

class QueryCompiler {
  readonly #steps: Step[] = [];
  #scope: QueryScope = new EventScope();
  /**
   * The columns of `fields` and `parse`, in order. Those without a name come from `parse` and follow the default
   * columns.
   */
  #columns: Column[] = [];
  #fieldsSeen = false;
  #display: Column[] | undefined;
  #statsCommands = 0;
  #hasLimit = false;
  #afterDedup = false;

  add(command: Command): void {
    if (this.#afterDedup && command.kind !== 'limit') {
      throw new QueryError(
        `unexpected symbol found ${command.kind}: only limit may follow dedup`,
        command.span,
      );
    }
    switch (command.kind) {
      case 'fields':
        this.#fieldsSeen = true;
        for (const item of command.items) this.#addField(item);
        return;
      case 'display':
        this.#display = command.items.map((item) => ({ name: item.name, ...this.#defineAlias(item) }));
        return;
      case 'filter':
        this.#steps.push({ kind: 'filter', condition: this.#compile(command.condition).evaluate });
        return;
      case 'parse':
        this.#addParse(command);
        return;
      case 'sort': {
        const keys = command.keys.map(({ expression, descending }) => ({
          evaluate: this.#compile(expression).evaluate,
          descending,
        }));
        this.#steps.push({ kind: 'sort', keys });
        return;
      }
      case 'limit':
        this.#hasLimit = true;
        this.#steps.push({ kind: 'limit', count: command.count });
        return;
      case 'dedup': {
        const fields: Evaluate[] = command.fields.map((field) => this.#compile(field).evaluate);
        this.#steps.push({ kind: 'dedup', fields });
        this.#afterDedup = true;
        return;
      }
      case 'stats':
        this.#addStats(command);
        return;
    }
  }

  finish(): Omit<QueryPlan, 'source'> {
    const aggregate = this.#statsCommands > 0;
    const columns =
      this.#display ??
      (this.#fieldsSeen || aggregate ? this.#columns : [...this.#defaults(), ...this.#columns]);
    return {
      steps: this.#steps,
      columns: distinct(aggregate ? columns : [...columns, this.#systemColumn('@ptr')]),
      aggregate,
      hasLimit: this.#hasLimit,
    };
  }

  #compile(expression: Expression): Compiled {
    return compileExpression(expression, this.#scope);
  }

  #addField(item: NamedExpression): void {
    this.#columns.push({ name: item.name, ...this.#defineAlias(item) });
  }

  /** Compiles an item. If it has an alias, the alias becomes a field for the commands that follow. */
  #defineAlias({ expression, name, aliased, span }: NamedExpression): Compiled {
    let compiled = this.#compile(expression);
    if (!aliased) return compiled;
    this.#refuseRedefinition(name, span);
    // A plain field under another name needs no slot. Anything else is computed once and stored for all that follows.
    if (expression.kind !== 'field') {
      const slot = this.#scope.addSlot();
      this.#steps.push({ kind: 'assign', slot, evaluate: compiled.evaluate });
      compiled = { evaluate: (environment) => environment.values[slot], format: compiled.format };
    }
    this.#scope.define(name, compiled);
    return compiled;
  }

  #addParse(command: Extract<Command, { kind: 'parse' }>): void {
    const source = this.#compile(command.source).evaluate;
    const extractor = compileExtractor(
      command.pattern,
      command.aliases.map((alias) => alias.name),
      command.span,
    );
    const slots = extractor.names.map((name) => {
      this.#refuseRedefinition(name, command.span);
      const slot = this.#scope.addSlot();
      const compiled: Compiled = {
        evaluate: (environment) => environment.values[slot],
        format: 'computed',
      };
      this.#scope.define(name, compiled);
      this.#columns.push({ name, ...compiled });
      return slot;
    });
    this.#steps.push({ kind: 'extract', slots, source, extractor });
  }

  #addStats(command: Extract<Command, { kind: 'stats' }>): void {
    this.#statsCommands += 1;
    if (this.#statsCommands > MAX_STATS_COMMANDS) {
      throw new QueryError(`a query takes at most ${MAX_STATS_COMMANDS} stats commands`, command.span);
    }
    const { step, scope, columns } = compileStats(command, this.#scope);
    this.#steps.push(step);
    this.#scope = scope;
    this.#columns = columns;
    this.#display = undefined;
  }

  /** Throws for a second field of the same name, whichever command defined the first. Insights does so too. */
  #refuseRedefinition(name: string, span: Span): void {
    if (this.#scope.defines(name) || this.#columns.some((column) => column.name === name)) {
      throw new QueryError(`Ephemeral field is already defined: ${name}`, span);
    }
  }

  #defaults(): Column[] {
    return DEFAULT_COLUMNS.map((name) => this.#systemColumn(name));
  }

  #systemColumn(name: string): Column {
    return { name, ...this.#scope.field(name, { start: 0, end: 0 }) };
  }
}

function distinct(columns: readonly Column[]): Column[] {
  const byName = new Map<string, Column>();
  for (const column of columns) if (!byName.has(column.name)) byName.set(column.name, column);
  return [...byName.values()];
}
