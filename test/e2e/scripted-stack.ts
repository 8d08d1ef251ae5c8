import type { Fault, SeenCall } from './fault-proxy.ts';

/** One event of a scripted operation. */
export interface ScriptedEvent {
  /** Logical id; the stack's own name for the stack itself. */
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/**
 * An operation on one stack, played from a script in CloudFormation's place: each look at the events uncovers one more, and
 * the stack has the status of its own latest event.
 */
export class ScriptedStack {
  readonly #stackName: string;
  readonly #stackId: string;
  readonly #events: readonly ScriptedEvent[];
  readonly #startedAtEpochMs = Date.now();
  #uncovered = 1;

  constructor(stackName: string, stackId: string, events: readonly ScriptedEvent[]) {
    this.#stackName = stackName;
    this.#stackId = stackId;
    this.#events = events;
  }

  get over(): boolean {
    return this.#uncovered > this.#events.length;
  }

  /** The answer to a look at this stack; undefined for anything else. */
  answer({ operation, parameters }: SeenCall): Fault | undefined {
    const isOurs = parameters.StackName === this.#stackName || parameters.StackName === this.#stackId;
    if (!isOurs) return undefined;
    if (operation === 'DescribeStacks') {
      return this.#xml('DescribeStacks', `<Stacks>${this.#stack()}</Stacks>`);
    }
    if (operation === 'DescribeStackEvents') {
      const members = this.#events.slice(0, this.#uncovered).map((event, index) => this.#event(event, index));
      this.#uncovered += 1;
      return this.#xml('DescribeStackEvents', `<StackEvents>${members.reverse().join('')}</StackEvents>`);
    }
    return undefined;
  }

  #stack(): string {
    const own = this.#events
      .slice(0, this.#uncovered)
      .filter(({ logicalId }) => logicalId === this.#stackName);
    return `<member><StackName>${this.#stackName}</StackName><StackId>${this.#stackId}</StackId><StackStatus>${own.at(-1)?.status ?? ''}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member>`;
  }

  #event({ logicalId, type, status, reason }: ScriptedEvent, index: number): string {
    const physicalId = logicalId === this.#stackName ? this.#stackId : `${logicalId}-1`;
    const at = new Date(this.#startedAtEpochMs + index).toISOString();
    return `<member><EventId>scripted-${status}-${index}</EventId><StackId>${this.#stackId}</StackId><StackName>${this.#stackName}</StackName><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceType>${type}</ResourceType><Timestamp>${at}</Timestamp><ResourceStatus>${status}</ResourceStatus>${reason === undefined ? '' : `<ResourceStatusReason>${reason}</ResourceStatusReason>`}</member>`;
  }

  #xml(operation: string, result: string): Fault {
    return {
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${operation}Response>`,
    };
  }
}
