import { type Cloud, type RoleStore, ServiceError } from '../../seams.ts';
import { managedPolicyDocument } from './managed-policies.ts';
import { isAllowed } from './policy-evaluation.ts';

interface Policy {
  readonly name: string;
  readonly document: unknown;
}

/** A role. */
export interface Role {
  readonly roleName: string;
  readonly roleId: string;
  readonly arn: string;
  readonly createdAtEpochMs: number;
  readonly assumeRolePolicy: unknown;
  readonly policies: readonly Policy[];
  readonly managedPolicyArns?: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const MAX_INLINE_POLICY_CHARACTERS = 10_240;
const POLICY_VERSIONS: readonly unknown[] = [undefined, '2012-10-17', '2008-10-17'];

/**
 * The roles of the cloud. Policies are stored and their grammar is checked. They only decide whether a function's log
 * group is created, because sandboxes can call no service but the database.
 */
export class Roles implements RoleStore {
  readonly #roles = new Map<string, Role>();
  /** Further policies of a role, by its name in lower case and by their key. */
  readonly #attached = new Map<string, Map<string, unknown>>();
  /** The documents of this account's managed policies, by ARN. */
  readonly #managed = new Map<string, unknown>();
  readonly #environment: Pick<Cloud, 'accountId' | 'now'>;
  readonly #randomId: () => string;

  /** @param randomId returns 17 characters of A-Z and 2-7, for role ids */
  constructor(environment: Pick<Cloud, 'accountId' | 'now'>, randomId: () => string) {
    this.#environment = environment;
    this.#randomId = randomId;
  }

  /** @throws ServiceError `EntityAlreadyExists` (409), `ValidationError`, `MalformedPolicyDocument` */
  createRole(role: {
    readonly roleName: string;
    readonly assumeRolePolicy: unknown;
    readonly policies: readonly Policy[];
    readonly managedPolicyArns?: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
  }): { readonly arn: string; readonly roleId: string } {
    if (!ROLE_NAME.test(role.roleName)) {
      throw new ServiceError(
        'ValidationError',
        `1 validation error detected: Value '${role.roleName}' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+`,
      );
    }
    // Role names are unique without regard to case.
    if (this.roleExists(role.roleName)) {
      throw new ServiceError('EntityAlreadyExists', `Role with name ${role.roleName} already exists.`, 409);
    }
    checkPolicies(role);
    const roleId = `AROA${this.#randomId()}`;
    const arn = `arn:aws:iam::${this.#environment.accountId}:role/${role.roleName}`;
    this.#roles.set(role.roleName.toLowerCase(), {
      ...role,
      roleId,
      arn,
      createdAtEpochMs: this.#environment.now(),
    });
    return { arn, roleId };
  }

  /** @throws ServiceError `NoSuchEntity` (404), `MalformedPolicyDocument` */
  updateRole(
    roleName: string,
    changes: {
      readonly assumeRolePolicy: unknown;
      readonly policies: readonly Policy[];
      readonly managedPolicyArns?: readonly string[];
      readonly tags: Readonly<Record<string, string>>;
    },
  ): void {
    const role = this.role(roleName);
    checkPolicies(changes);
    this.#roles.set(roleName.toLowerCase(), { ...role, ...changes });
  }

  /** @throws ServiceError `NoSuchEntity` (404) */
  deleteRole(roleName: string): void {
    this.role(roleName);
    this.#roles.delete(roleName.toLowerCase());
    this.#attached.delete(roleName.toLowerCase());
  }

  roleExists(roleName: string): boolean {
    return this.#roles.has(roleName.toLowerCase());
  }

  isAssumableBy(roleName: string, service: string): boolean {
    const trust = this.#roles.get(roleName.toLowerCase())?.assumeRolePolicy;
    return isRecord(trust) && listOf(trust.Statement).some((statement) => lets(statement, service));
  }

  allows(roleName: string, action: string, resourceArn: string): boolean {
    const role = this.#roles.get(roleName.toLowerCase());
    if (role === undefined) return false;
    const documents = [
      ...role.policies.map((policy) => policy.document),
      ...(role.managedPolicyArns ?? []).map((arn) => this.#managed.get(arn) ?? managedPolicyDocument(arn)),
      ...(this.#attached.get(roleName.toLowerCase())?.values() ?? []),
    ];
    return isAllowed(documents, action, resourceArn);
  }

  attachPolicy(roleName: string, key: string, document: unknown): void {
    this.role(roleName);
    checkDocument(document, 'permissions');
    const policies = this.#attached.get(roleName.toLowerCase()) ?? new Map<string, unknown>();
    this.#attached.set(roleName.toLowerCase(), policies.set(key, document));
  }

  detachPolicy(roleName: string, key: string): void {
    this.#attached.get(roleName.toLowerCase())?.delete(key);
  }

  putManagedPolicy(arn: string, document: unknown): void {
    checkDocument(document, 'permissions');
    this.#managed.set(arn, document);
  }

  deleteManagedPolicy(arn: string): void {
    this.#managed.delete(arn);
  }

  managedPolicyExists(arn: string): boolean {
    return this.#managed.has(arn);
  }

  /** @throws ServiceError `NoSuchEntity` (404) */
  role(roleName: string): Role {
    const role = this.#roles.get(roleName.toLowerCase());
    if (role === undefined) {
      throw new ServiceError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
    }
    return role;
  }
}

function checkPolicies(role: {
  readonly assumeRolePolicy: unknown;
  readonly policies: readonly Policy[];
}): void {
  checkDocument(role.assumeRolePolicy, 'trust');
  const names = role.policies.map((policy) => policy.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw malformed(`Duplicate policy name ${twice}`);
  let characters = 0;
  for (const policy of role.policies) {
    if (!/^[\w+=,.@-]{1,128}$/.test(policy.name)) {
      throw new ServiceError(
        'ValidationError',
        'The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      );
    }
    checkDocument(policy.document, 'permissions');
    characters += JSON.stringify(policy.document).replace(/\s/g, '').length;
  }
  if (characters > MAX_INLINE_POLICY_CHARACTERS) {
    throw new ServiceError(
      'LimitExceeded',
      `Maximum policy size of ${MAX_INLINE_POLICY_CHARACTERS} bytes exceeded for role`,
      409,
    );
  }
}

const TRUST_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Condition',
]);
const PERMISSION_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/**
 * Checks the grammar of a policy document as IAM does.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
function checkDocument(document: unknown, kind: 'trust' | 'permissions'): void {
  if (!isRecord(document)) throw malformed('Syntax errors in policy.');
  if (!POLICY_VERSIONS.includes(document.Version)) {
    throw malformed('The policy failed legacy parsing: unsupported Version');
  }
  const unknown = Object.keys(document).find((key) => !['Version', 'Id', 'Statement'].includes(key));
  if (unknown !== undefined) throw malformed(`Syntax errors in policy: unknown element ${unknown}`);
  const statements = listOf(document.Statement);
  if (statements.length === 0) throw malformed('Policy statement must contain actions.');
  for (const statement of statements) checkStatement(statement, kind);
}

function checkStatement(statement: unknown, kind: 'trust' | 'permissions'): void {
  if (!isRecord(statement)) throw malformed('Syntax errors in policy.');
  const known = kind === 'trust' ? TRUST_ELEMENTS : PERMISSION_ELEMENTS;
  for (const element of Object.keys(statement)) {
    if (element === 'Resource' && kind === 'trust') throw malformed('Has prohibited field Resource');
    if (element === 'Principal' && kind === 'permissions') {
      throw malformed('Policy document should not specify a principal.');
    }
    if (!known.has(element)) throw malformed(`Syntax errors in policy: unknown element ${element}`);
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw malformed(`Invalid effect: ${String(statement.Effect)}`);
  }
  const actions = listOf(statement.Action ?? statement.NotAction);
  if (actions.length === 0) throw malformed('Policy statement must contain actions.');
  for (const action of actions) {
    if (typeof action !== 'string' || !/^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/.test(action)) {
      throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    }
  }
  if (kind === 'trust' && statement.Principal === undefined && statement.NotPrincipal === undefined) {
    throw malformed('Missing required field Principal');
  }
  if (kind === 'permissions') {
    const resources = listOf(statement.Resource ?? statement.NotResource);
    if (resources.length === 0) throw malformed('Policy statement must contain resources.');
    for (const resource of resources) {
      if (typeof resource !== 'string' || !/^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+)$/.test(resource)) {
        throw malformed(`Resource ${String(resource)} must be in ARN format or "*".`);
      }
    }
  }
}

/** Whether a trust statement lets a service assume the role. Conditions are ignored. */
function lets(statement: unknown, service: string): boolean {
  if (!isRecord(statement) || statement.Effect !== 'Allow') return false;
  const principals = isRecord(statement.Principal) ? listOf(statement.Principal.Service) : [];
  const actions = listOf(statement.Action);
  return (
    principals.includes(service) &&
    ['sts:AssumeRole', 'sts:*', '*'].some((action) => actions.includes(action))
  );
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string): ServiceError {
  return new ServiceError('MalformedPolicyDocument', message);
}
