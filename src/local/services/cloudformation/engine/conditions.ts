import { isValueList, isValueObject, sameValue, type Value } from '../../../resources/value.ts';
import type { FunctionCall } from './functions.ts';
import { functionCall } from './functions.ts';
import type { Template } from './template.ts';
import { formatError, templateError } from './template-error.ts';

/** The value of each declared condition, by name. */
export type Conditions = ReadonlyMap<string, boolean>;

/**
 * Evaluates the Conditions section.
 * @param evaluate resolves Ref to parameters and pseudo parameters, Fn::FindInMap, and functions over them
 * @throws ServiceError `ValidationError`
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
 */
export function evaluateConditions(
  declared: Template['conditions'],
  evaluate: (value: Value) => Value,
): Conditions {
  const results = new Map<string, boolean>();
  const underWay = new Set<string>();
  const named = (name: string): boolean => {
    const known = results.get(name);
    if (known !== undefined) return known;
    const condition = declared.get(name);
    if (condition === undefined)
      throw formatError(`Unresolved condition dependency ${name} in the Conditions block of the template`);
    if (underWay.has(name)) throw formatError(`Circular condition dependency [${[...underWay].join(', ')}]`);
    underWay.add(name);
    const result = holds(condition);
    underWay.delete(name);
    results.set(name, result);
    return result;
  };
  const holds = (condition: Value): boolean => {
    if (isValueObject(condition) && typeof condition.Condition === 'string')
      return named(condition.Condition);
    const call = functionCall(condition);
    if (call === undefined) throw formatError('Every Conditions member must be a condition function');
    switch (call.name) {
      case 'Fn::Equals': {
        const [left, right] = operands(call, 2, 2);
        return sameValue(comparable(evaluate(left ?? '')), comparable(evaluate(right ?? '')));
      }
      case 'Fn::Not':
        return !operands(call, 1, 1).some(holds);
      // Every operand is evaluated, so that an invalid one is found even if another decides the result.
      case 'Fn::And':
        return operands(call, 2, 10).map(holds).every(Boolean);
      case 'Fn::Or':
        return operands(call, 2, 10).map(holds).some(Boolean);
      default:
        throw formatError('Every Conditions member must be a condition function');
    }
  };
  for (const name of declared.keys()) named(name);
  return results;
}

function operands(call: FunctionCall, min: number, max: number): readonly Value[] {
  const list = call.argument;
  if (!isValueList(list) || list.length < min || list.length > max) {
    throw templateError(
      min === max
        ? `${call.name} object requires a list of ${min} parameter${min === 1 ? '' : 's'}.`
        : `every ${call.name} object requires a list of at least ${min} and at most ${max} boolean parameters.`,
    );
  }
  return list;
}

/** Numbers and booleans are compared as text, like parameters. */
function comparable(value: Value): Value {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
