import { LambdaClient } from '@aws-sdk/client-lambda';
import { createHttpServer } from '../../../src/local/http/server.ts';
import { REGION, type TestLambda } from './harness.ts';

/** Lambda's API on a loopback port; the real door's checks of signatures are left out. */
export interface LambdaDoor {
  readonly client: LambdaClient;
  close(): Promise<void>;
}

export async function openLambda(t: TestLambda): Promise<LambdaDoor> {
  const [service] = t.lambda.services;
  if (service === undefined) throw new Error('Lambda has no service');
  const server = createHttpServer({
    onError: (error) => t.cloudLog.push(String(error)),
    onRequest: (request, respond) => {
      const headers: Record<string, string> = {};
      for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
        headers[(request.rawHeaders[i] ?? '').toLowerCase()] = request.rawHeaders[i + 1] ?? '';
      }
      void service
        .handle({
          method: request.method,
          path: request.path,
          query: new URLSearchParams(request.rawQuery),
          headers,
          body: request.body,
          requestId: 'r-1',
        })
        .then((response) => respond(response.status, Object.entries(response.headers).flat(), response.body));
    },
  });
  const client = new LambdaClient({
    region: REGION,
    endpoint: `http://127.0.0.1:${await server.listen()}`,
    credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
    maxAttempts: 1,
  });
  return {
    client,
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}
