import { type DoorResponse, type Service, ServiceError } from '../seams.ts';
import { answer, type Log } from './answer.ts';
import { parseJsonObject } from './json-body.ts';
import type { Operation } from './operation.ts';

export interface AwsJsonOptions {
  readonly signingName: string;
  /** The part of `X-Amz-Target` before the dot: `Logs_20140328`. */
  readonly targetPrefix: string;
  readonly jsonVersion: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly log: Log;
}

/**
 * Creates a service of the awsJson protocols. `X-Amz-Target` names the operation; input and output are JSON with
 * timestamps in epoch seconds.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function awsJsonService(options: AwsJsonOptions): Service {
  const contentType = `application/x-amz-json-${options.jsonVersion}`;
  return {
    signingName: options.signingName,
    handle: (request) => {
      const target = request.headers['x-amz-target'] ?? '';
      return answer(
        request,
        `${options.signingName} ${target}`,
        options.log,
        async () => {
          const dot = target.lastIndexOf('.');
          const name = target.slice(dot + 1);
          const operation =
            target.slice(0, dot) === options.targetPrefix && Object.hasOwn(options.operations, name)
              ? options.operations[name]
              : undefined;
          if (operation === undefined) {
            throw new ServiceError('UnknownOperationException', `Unknown operation ${target}`);
          }
          const output = await operation(parseJsonObject(request.body), { request });
          return {
            status: 200,
            headers: { 'content-type': contentType },
            body: JSON.stringify(output ?? {}),
          };
        },
        (error) => jsonError(error, contentType),
      );
    },
  };
}

/** Renders an error of awsJson: `__type` and `message` in the body, and the code again in a header. */
export function jsonError(error: ServiceError, contentType: string): DoorResponse {
  return {
    status: error.status,
    headers: { 'content-type': contentType, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ ...error.fields, __type: error.code, message: error.message }),
  };
}
