import type { Cloud } from '../seams.ts';
import type { PropertyProblem, PropertySpec } from './schema.ts';
import type { Properties } from './value.ts';

/** What a resource operation is given besides the properties. */
export interface ResourceScope {
  readonly cloud: Cloud;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** The resource's own tags over the stack's, and CloudFormation's system tags where the type carries them. */
  readonly tags: Readonly<Record<string, string>>;
  /** A physical name as CloudFormation makes one: `<stack>-<logical id>-<random>`, cut to the length. */
  generateName(limits: { readonly maxLength: number; readonly lowerCase?: boolean }): string;
  /** A new UUID, for the ids that AWS puts into its messages. */
  newId(): string;
  /** The physical id is settled and creation under way; from here on a rollback deletes it. */
  initiated(physicalId: string): void;
  /** One line about a slow step. */
  progress(detail: string): void;
}

/** A resource that exists. */
export interface PhysicalResource {
  readonly physicalId: string;
  /** What Fn::GetAtt gives, by attribute name. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ExistingResource extends PhysicalResource {
  readonly properties: Properties;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * One AWS::X::Y: its schema and what its operations do. `Ref` gives the physical id unless `ref` says otherwise.
 * Operations throw HandlerError, or ServiceError where a service of the cloud refuses.
 */
export interface ResourceType {
  readonly type: string;
  readonly properties: Readonly<Record<string, PropertySpec>>;
  /** The attributes that Fn::GetAtt knows. */
  readonly attributes: readonly string[];
  /** Whether the type carries tags, in a property named `Tags`. */
  readonly taggable: boolean;
  /** Whether CloudFormation adds `aws:cloudformation:*` tags of its own. */
  readonly systemTags?: boolean;
  /** Whether creating one needs CAPABILITY_IAM, and CAPABILITY_NAMED_IAM where a name is given. */
  readonly capability?: (properties: Properties) => 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM';
  /** Rules across properties; called where each property alone is right. */
  readonly check?: (properties: Properties) => readonly PropertyProblem[];
  /** The name that the properties fix and that may be taken already; undefined where it is not known or not fixed. */
  readonly fixedName?: (properties: Properties) => string | undefined;
  /** Whether something of that name exists now. */
  readonly exists?: (cloud: Cloud, name: string) => boolean | Promise<boolean>;
  /** Whether a deletion would be refused for what the resource holds. */
  readonly holdsData?: (cloud: Cloud, physicalId: string) => boolean | Promise<boolean>;
  create(scope: ResourceScope, properties: Properties): Promise<PhysicalResource>;
  /** Absent where every property replaces. */
  update?(scope: ResourceScope, properties: Properties, before: ExistingResource): Promise<PhysicalResource>;
  /** What is gone already counts as deleted. */
  delete(scope: ResourceScope, existing: ExistingResource): Promise<void>;
}

/** The types that a template may use, by name. */
export type TypeRegistry = ReadonlyMap<string, ResourceType>;
