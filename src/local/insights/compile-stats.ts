import { type AccumulatorFactory, compileAggregate } from './aggregates.ts';
import type { Command, Expression } from './ast.ts';
import { aggregateName, compileExpression, type Scope } from './compile-expression.ts';
import type { Compiled } from './compiled.ts';
import type { ColumnFormat } from './format.ts';
import type { Column, StatsStep } from './plan.ts';
import { QueryError, type Span } from './query-error.ts';
import { GroupScope, type QueryScope } from './scope.ts';

export interface CompiledStats {
  readonly step: StatsStep;
  /** The scope of the commands that follow. */
  readonly scope: GroupScope;
  readonly columns: Column[];
}

/**
 * Compiles one `stats` command. Its items may use aggregation functions, the keys of the group, and earlier items.
 * @throws QueryError for anything else, and for two columns of one name
 */
export function compileStats(command: Extract<Command, { kind: 'stats' }>, outer: QueryScope): CompiledStats {
  const keys = command.by.map((item) => ({ item, compiled: compileExpression(item.expression, outer) }));
  const calls: AccumulatorFactory[] = [];
  const callSlots = command.items.reduce((count, item) => count + countAggregates(item.expression), 0);
  const scope = new GroupScope(keys.length + callSlots + command.items.length);
  const columns: Column[] = [];

  const addColumn = (
    name: string,
    slot: number,
    format: ColumnFormat,
    expression: Expression,
    span: Span,
  ): void => {
    if (scope.defines(name)) throw new QueryError(`stats makes two columns named ${name}`, span);
    const column = readSlot(slot, format);
    scope.define(name, column, expression);
    columns.push({ name, ...column });
  };

  for (const [index, { item, compiled }] of keys.entries()) {
    addColumn(item.name, index, compiled.format, item.expression, item.span);
  }
  const timeKeys = keys.flatMap(({ compiled }, index) =>
    compiled.format === 'timestamp' ? [readSlot(index, 'timestamp')] : [],
  );
  const [timeKey] = timeKeys;
  if (timeKey !== undefined && timeKeys.length === 1) scope.setTimeKey(timeKey);
  const inner = itemScope(scope, outer, keys.length, calls);
  const items: StatsStep['items'][number][] = [];
  for (const item of command.items) {
    const slot = keys.length + callSlots + items.length;
    const { evaluate, format } = compileExpression(item.expression, inner);
    items.push({ slot, evaluate });
    addColumn(item.name, slot, format, item.expression, item.span);
  }
  return {
    step: {
      kind: 'stats',
      by: keys.map(({ compiled }) => compiled.evaluate),
      accumulators: calls,
      items,
      byTimeOnly: keys.length === 1 && keys[0]?.compiled.format === 'timestamp',
    },
    scope,
    columns,
  };
}

/**
 * The scope of an item's expression, in which aggregation functions are known.
 * @param calls gets the accumulator of every aggregation; their slots follow the `keyCount` slots of the keys
 */
function itemScope(
  group: GroupScope,
  outer: QueryScope,
  keyCount: number,
  calls: AccumulatorFactory[],
): Scope {
  return {
    field: (name, span) => group.field(name, span),
    column: (expression) => group.column(expression),
    aggregate: (call) => {
      const name = aggregateName(call.name);
      if (name === undefined) throw new QueryError(`unknown function '${call.name}'`, call.span);
      const timestampMs = outer.events ? outer.field('@timestamp', call.span).evaluate : undefined;
      calls.push(
        compileAggregate(name, call, {
          compile: (argument) => compileExpression(argument, outer),
          timestampMs,
        }),
      );
      return readSlot(keyCount + calls.length - 1, 'computed');
    },
  };
}

function readSlot(slot: number, format: ColumnFormat): Compiled {
  return { evaluate: (environment) => environment.values[slot], format };
}

/**
 * The largest number of accumulators that an item needs. An aggregation inside the argument of another is refused
 * later.
 */
function countAggregates(expression: Expression): number {
  switch (expression.kind) {
    case 'call': {
      if (aggregateName(expression.name) !== undefined) return 1;
      return expression.args.reduce((count, argument) => count + countAggregates(argument), 0);
    }
    case 'unary':
    case 'match':
      return countAggregates(expression.operand);
    case 'in':
      return [expression.operand, ...expression.items].reduce((n, item) => n + countAggregates(item), 0);
    case 'binary':
      return countAggregates(expression.left) + countAggregates(expression.right);
    default:
      return 0;
  }
}
