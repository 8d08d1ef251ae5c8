import type { Cloud } from '../seams.ts';
import type { PropertyProblem, PropertySpec } from './schema.ts';
import type { Properties } from './value.ts';

/** What a resource operation gets besides the properties. */
export interface ResourceScope {
  readonly cloud: Cloud;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** The tags of the stack, overridden by the resource's own, and CloudFormation's system tags if the type has them. */
  readonly tags: Readonly<Record<string, string>>;
  /** Generates a physical name as CloudFormation does: `<stack>-<logical id>-<random>`, cut to the maximum length. */
  generateName(limits: { readonly maxLength: number; readonly lowerCase?: boolean }): string;
  /** Generates a UUID, for the ids that AWS puts into its messages. */
  newId(): string;
  /** Records the physical id as soon as creation begins. From then on a rollback deletes the resource. */
  initiated(physicalId: string): void;
  /** Reports a slow step in one line. */
  progress(detail: string): void;
}

/** A resource that exists. */
export interface PhysicalResource {
  readonly physicalId: string;
  /** The values of Fn::GetAtt, by attribute name. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ExistingResource extends PhysicalResource {
  readonly properties: Properties;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * One resource type, AWS::X::Y: its schema and its operations. `Ref` returns the physical id, unless `ref` returns
 * another value. Operations throw HandlerError, or the ServiceError of a service of the cloud.
 */
export interface ResourceType {
  readonly type: string;
  readonly properties: Readonly<Record<string, PropertySpec>>;
  /** The attributes that Fn::GetAtt accepts. */
  readonly attributes: readonly string[];
  /** Whether the type has tags, in a property named `Tags`. */
  readonly taggable: boolean;
  /** Whether CloudFormation adds its `aws:cloudformation:*` tags. */
  readonly systemTags?: boolean;
  /** The capability that creating one needs: CAPABILITY_IAM, or CAPABILITY_NAMED_IAM if it has a name. */
  readonly capability?: (properties: Properties) => 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM';
  /** Checks rules across properties. Called only if each property alone is valid. */
  readonly check?: (properties: Properties) => readonly PropertyProblem[];
  /** The name that the properties set, which may be taken. Undefined if it is generated or not known yet. */
  readonly fixedName?: (properties: Properties) => string | undefined;
  /** Whether something of that name exists now. */
  readonly exists?: (cloud: Cloud, name: string) => boolean | Promise<boolean>;
  /** Whether a deletion would be refused because of the resource's content. */
  readonly holdsData?: (cloud: Cloud, physicalId: string) => boolean | Promise<boolean>;
  create(scope: ResourceScope, properties: Properties): Promise<PhysicalResource>;
  /** Absent if every property requires replacement. */
  update?(scope: ResourceScope, properties: Properties, before: ExistingResource): Promise<PhysicalResource>;
  /** A resource that is gone already counts as deleted. */
  delete(scope: ResourceScope, existing: ExistingResource): Promise<void>;
}

/** The types that a template may use, by name. */
export type TypeRegistry = ReadonlyMap<string, ResourceType>;
