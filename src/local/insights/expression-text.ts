import type { Expression, Pattern } from './ast.ts';

/**
 * Renders equal expressions as the same text, however they were spaced or spelled. Later commands find a column by it.
 */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'string':
      return JSON.stringify(expression.value);
    case 'field':
      return `\`${expression.name}\``;
    case 'period':
      return `${expression.count} ${expression.unit}`;
    case 'star':
      return '*';
    case 'unary':
      return `(${expression.operator} ${expressionText(expression.operand)})`;
    case 'binary':
      return `(${expressionText(expression.left)} ${expression.operator} ${expressionText(expression.right)})`;
    case 'match':
      return `(${expressionText(expression.operand)} ${expression.negated ? 'not ' : ''}like ${patternText(expression.pattern)})`;
    case 'in':
      return `(${expressionText(expression.operand)} ${expression.negated ? 'not ' : ''}in [${expression.items.map(expressionText).join()}])`;
    case 'call':
      return `${expression.name.toLowerCase()}(${expression.args.map(expressionText).join()})`;
  }
}

function patternText(pattern: Pattern): string {
  return pattern.kind === 'regex' ? `/${pattern.source}/` : JSON.stringify(pattern.text);
}
