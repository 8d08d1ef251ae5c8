import { type LogEvent, type LogStore, ServiceError } from '../../seams.ts';
import { invalidParameter } from './input.ts';
import { LogGroup, type LogStream } from './log-group.ts';

const GROUP_NAME = /^[.\-_/#A-Za-z0-9]{1,512}$/;
const STREAM_NAME = /^[^:*]{1,512}$/;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export interface LogGroupsEnvironment {
  readonly accountId: string;
  readonly region: string;
  /** Wall clock, epoch ms. */
  now(): number;
}

/** All log groups of the cloud, stored in memory. */
export class LogGroups implements LogStore {
  readonly #environment: LogGroupsEnvironment;
  readonly #groups = new Map<string, LogGroup>();

  constructor(environment: LogGroupsEnvironment) {
    this.#environment = environment;
  }

  /**
   * @throws ServiceError `ResourceAlreadyExistsException`; `InvalidParameterException` for an invalid name or retention
   */
  createLogGroup(
    name: string,
    options: { readonly retentionInDays?: number; readonly tags?: Readonly<Record<string, string>> } = {},
  ): void {
    if (!GROUP_NAME.test(name)) {
      throw invalidParameter(
        `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: ` +
          'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
      );
    }
    if (this.#groups.has(name)) {
      throw new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    if (options.retentionInDays !== undefined) checkRetention(options.retentionInDays);
    this.#groups.set(
      name,
      new LogGroup(name, this.#environment.now(), options.retentionInDays, options.tags ?? {}),
    );
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  deleteLogGroup(name: string): void {
    this.group(name);
    this.#groups.delete(name);
  }

  logGroupExists(name: string): boolean {
    return this.#groups.has(name);
  }

  /** @throws ServiceError `ResourceNotFoundException`, `InvalidParameterException` */
  setRetention(name: string, days: number | undefined): void {
    const group = this.group(name);
    if (days !== undefined) checkRetention(days);
    group.retentionInDays = days;
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  setTags(name: string, tags: Readonly<Record<string, string>>): void {
    const group = this.group(name);
    group.tags.clear();
    for (const [key, value] of Object.entries(tags)) group.tags.set(key, value);
  }

  append(groupName: string, streamName: string, events: readonly LogEvent[]): boolean {
    const group = this.#groups.get(groupName);
    if (group === undefined) return false;
    const now = this.#environment.now();
    const stream = group.stream(streamName) ?? group.addStream(streamName, now);
    for (const event of events) group.append(stream, event.message, event.timestampMs, now);
    return true;
  }

  /** @throws ServiceError `ResourceNotFoundException` */
  group(name: string): LogGroup {
    const group = this.#groups.get(name);
    if (group === undefined) {
      throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    return group;
  }

  /** Finds a group by its name or its ARN, with or without `:*`. @throws ServiceError `ResourceNotFoundException` */
  groupByIdentifier(identifier: string): LogGroup {
    return this.group(this.#nameOf(identifier));
  }

  /** Finds a stream of a group. @throws ServiceError `ResourceNotFoundException` */
  stream(group: LogGroup, name: string): LogStream {
    const stream = group.stream(name);
    if (stream === undefined) {
      throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
    }
    return stream;
  }

  /** @throws ServiceError `ResourceAlreadyExistsException`, `InvalidParameterException` */
  createStream(group: LogGroup, name: string): void {
    if (!STREAM_NAME.test(name)) throw invalidParameter("logStreamName must not hold ':' or '*'");
    if (group.stream(name) !== undefined) {
      throw new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
    group.addStream(name, this.#environment.now());
  }

  /** All groups in the order of their names. */
  list(): LogGroup[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The ARN of a group, without `:*`. */
  arn(group: LogGroup): string {
    return `${this.#arnPrefix()}${group.name}`;
  }

  /** The value of the field `@log`. */
  logIdentifier(group: LogGroup): string {
    return `${this.#environment.accountId}:${group.name}`;
  }

  now(): number {
    return this.#environment.now();
  }

  #nameOf(identifier: string): string {
    const prefix = this.#arnPrefix();
    if (!identifier.startsWith('arn:')) return identifier;
    return identifier.startsWith(prefix) ? identifier.slice(prefix.length).replace(/:\*$/, '') : identifier;
  }

  #arnPrefix(): string {
    return `arn:aws:logs:${this.#environment.region}:${this.#environment.accountId}:log-group:`;
  }
}

function checkRetention(days: number): void {
  if (!RETENTION_DAYS.includes(days)) {
    throw invalidParameter(`retentionInDays must be one of ${RETENTION_DAYS.join(', ')}`);
  }
}
