import { type LambdaPermission, ServiceError } from '../../seams.ts';

/** A function's resource policy: who may invoke it. */
export class ResourcePolicy {
  readonly #statements = new Map<string, LambdaPermission>();
  /**
   * Cached decisions by principal and ARN, cleared when a statement changes. Every request through API Gateway asks,
   * nearly always the same question.
   */
  readonly #decisions = new Map<string, Map<string, boolean>>();

  get isEmpty(): boolean {
    return this.#statements.size === 0;
  }

  /** @throws ServiceError `ResourceConflictException` if the statement id is taken */
  add(permission: LambdaPermission): void {
    const { statementId } = permission;
    if (this.#statements.has(statementId)) {
      throw new ServiceError(
        'ResourceConflictException',
        `The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        409,
        { Type: 'User' },
      );
    }
    this.#statements.set(statementId, permission);
    this.#decisions.clear();
  }

  /** @throws ServiceError `ResourceNotFoundException` if there is no such statement */
  remove(statementId: string): void {
    this.#decisions.clear();
    if (this.#statements.delete(statementId)) return;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Statement ${statementId} is not found in resource policy.`,
      404,
      { Type: 'User' },
    );
  }

  /** Whether a statement lets `principal`, acting for `sourceArn`, invoke the function. */
  allows(principal: string, sourceArn: string): boolean {
    let decisions = this.#decisions.get(principal);
    const known = decisions?.get(sourceArn);
    if (known !== undefined) return known;
    // The cache is bounded, because clients choose the methods of an ANY route.
    if (decisions === undefined || decisions.size >= MAX_DECISIONS) {
      decisions = new Map();
      this.#decisions.set(principal, decisions);
    }
    const decision = this.#decide(principal, sourceArn);
    decisions.set(sourceArn, decision);
    return decision;
  }

  #decide(principal: string, sourceArn: string): boolean {
    for (const statement of this.#statements.values()) {
      if (!isInvoke(statement.action)) continue;
      if (statement.principal !== '*' && statement.principal !== principal) continue;
      if (statement.sourceArn === undefined || arnLike(statement.sourceArn, sourceArn)) return true;
    }
    return false;
  }

  /** Renders the policy document for GetPolicy. */
  document(functionArn: string): object {
    return {
      Version: '2012-10-17',
      Id: 'default',
      Statement: [...this.#statements.values()].map((statement) => ({
        Sid: statement.statementId,
        Effect: 'Allow',
        Principal: principalOf(statement.principal),
        Action: statement.action,
        Resource: functionArn,
        ...(statement.sourceArn === undefined
          ? {}
          : { Condition: { ArnLike: { 'AWS:SourceArn': statement.sourceArn } } }),
      })),
    };
  }
}

function principalOf(principal: string): unknown {
  if (principal === '*') return '*';
  return principal.includes('.') && !principal.startsWith('arn:')
    ? { Service: principal }
    : { AWS: principal };
}

function isInvoke(action: string): boolean {
  return action === 'lambda:InvokeFunction' || action === 'lambda:*' || action === '*';
}

/**
 * Compares ARNs as `ArnLike` does. Each of the six parts between colons is matched separately; `*` and `?` are
 * wildcards within a part. The last part may contain colons.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function arnLike(pattern: string, arn: string): boolean {
  const patternParts = partsOf(pattern);
  const parts = partsOf(arn);
  return (
    patternParts.length === parts.length &&
    patternParts.every((part, i) => wildcard(part).test(parts[i] ?? ''))
  );
}

const MAX_DECISIONS = 1000;
const ARN_PARTS = 6;

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
