/**
 * Whether policy documents together allow an action on a resource: a statement allows it and none denies it. Conditions
 * are ignored. A statement with NotAction or NotResource allows nothing here.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(documents: readonly unknown[], action: string, resourceArn: string): boolean {
  const statements = documents
    .flatMap((document) => (isRecord(document) ? listOf(document.Statement) : []))
    .filter(isRecord)
    .filter((statement) => covers(statement, action, resourceArn));
  return (
    statements.some((statement) => statement.Effect === 'Allow') &&
    !statements.some((statement) => statement.Effect === 'Deny')
  );
}

function covers(statement: Readonly<Record<string, unknown>>, action: string, resourceArn: string): boolean {
  return (
    // Actions are case-insensitive, resources are case-sensitive.
    listOf(statement.Action).some((pattern) => wildcard(pattern, 'i').test(action)) &&
    listOf(statement.Resource).some((pattern) => wildcard(pattern, '').test(resourceArn))
  );
}

function wildcard(pattern: unknown, flags: string): RegExp {
  const source = String(pattern)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
