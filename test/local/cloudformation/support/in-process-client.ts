import { Readable } from 'node:stream';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Service } from '../../../../src/local/seams.ts';

/** AWS's own client over a service in this process: its wire form without a network. */
export function inProcessClient(service: Service): CloudFormationClient {
  let requests = 0;
  return new CloudFormationClient({
    region: 'eu-west-3',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { method: string; path: string; headers: object; body?: unknown }) => {
        requests += 1;
        const response = await service.handle({
          method: request.method,
          path: request.path,
          query: new URLSearchParams(),
          headers: {},
          body: Buffer.from(String(request.body ?? '')),
          requestId: `request-${requests}`,
        });
        return {
          response: {
            statusCode: response.status,
            headers: response.headers,
            body: Readable.from([Buffer.from(response.body)]),
          },
        };
      },
    },
  });
}
