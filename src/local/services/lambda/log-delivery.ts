import type { FunctionConfiguration, LogEvent, LogStore, RoleStore } from '../../seams.ts';

export interface LogDeliveryOptions {
  readonly region: string;
  readonly accountId: string;
  readonly logs: Pick<LogStore, 'append' | 'createLogGroup'>;
  readonly roles: Pick<RoleStore, 'allows'>;
  /** The cloud's own log. */
  readonly log: (message: string) => void;
}

/**
 * Writes functions' log lines to their log groups. As on AWS, a missing group is created if the function's role allows
 * it. Otherwise the lines are lost, and the cloud's own log says so, once per function.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 */
export class LogDelivery {
  readonly #options: LogDeliveryOptions;
  /** Functions whose lost lines were reported. */
  readonly #told = new Set<string>();

  constructor(options: LogDeliveryOptions) {
    this.#options = options;
  }

  deliver(configuration: FunctionConfiguration, stream: string, events: readonly LogEvent[]): void {
    const { logs, log } = this.#options;
    const { functionName, logGroup } = configuration;
    if (logs.append(logGroup, stream, events)) return;
    if (this.#mayCreate(configuration)) {
      logs.createLogGroup(logGroup, {});
      logs.append(logGroup, stream, events);
      return;
    }
    if (this.#told.has(functionName)) return;
    this.#told.add(functionName);
    log(
      `Log lines of ${functionName} are lost: there is no log group ${logGroup}, and its role does not allow logs:CreateLogGroup`,
    );
  }

  #mayCreate({ roleArn, logGroup }: FunctionConfiguration): boolean {
    const { region, accountId, roles } = this.#options;
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const group = `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}`;
    return ['', ':*'].some((end) => roles.allows(roleName, 'logs:CreateLogGroup', `${group}${end}`));
  }
}
