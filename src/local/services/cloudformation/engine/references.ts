import { isValueList, isValueObject, type Value } from '../../../resources/value.ts';
import {
  type AttributeReference,
  attributeReference,
  branches,
  functionCall,
  substitution,
  variableCall,
} from './functions.ts';

/** The names that a value refers to. Names of `Ref` and `Fn::Sub` may be parameters or resources. */
export interface References {
  readonly names: ReadonlySet<string>;
  readonly attributes: readonly AttributeReference[];
  readonly conditions: ReadonlySet<string>;
}

/**
 * Collects all references in a value.
 * @param chosen if given, only the branch of Fn::If is searched that the condition selects
 */
export function referencesIn(value: Value, chosen?: (condition: string) => boolean | undefined): References {
  const names = new Set<string>();
  const attributes: AttributeReference[] = [];
  const conditions = new Set<string>();
  const visit = (node: Value): void => {
    if (isValueList(node)) for (const item of node) visit(item);
    else if (isValueObject(node)) {
      const call = functionCall(node);
      if (call === undefined) for (const member of Object.values(node)) visit(member);
      else if (call.name === 'Ref') {
        if (typeof call.argument === 'string') names.add(call.argument);
      } else if (call.name === 'Fn::GetAtt') attributes.push(attributeReference(call.argument));
      else if (call.name === 'Fn::Sub') {
        const { pieces, variables } = substitution(call.argument);
        for (const piece of pieces) {
          if (!('variable' in piece) || Object.hasOwn(variables, piece.variable)) continue;
          const reference = variableCall(piece.variable);
          if (reference.name === 'Ref') names.add(piece.variable);
          else attributes.push(attributeReference(reference.argument));
        }
        for (const variable of Object.values(variables)) visit(variable);
      } else if (call.name === 'Fn::If') {
        const { condition, whenTrue, whenFalse } = branches(call.argument);
        conditions.add(condition);
        const holds = chosen?.(condition);
        if (holds !== false) visit(whenTrue);
        if (holds !== true) visit(whenFalse);
      } else visit(call.argument);
    }
  };
  visit(value);
  return { names, attributes, conditions };
}
