import type {
  Cloud,
  DataPlaneResponse,
  InvokeOptions,
  InvokeOutcome,
  LambdaControl,
} from '../../../src/local/seams.ts';
import { type ApiGatewayParts, createApiGateway } from '../../../src/local/services/apigateway/service.ts';

export const REGION = 'eu-west-3';
export const ACCOUNT = '123456789012';

/** What a stand-in for Lambda does with a call. */
export type Invoke = (
  name: string,
  payload: Buffer | string,
  options: InvokeOptions,
) => Promise<InvokeOutcome>;

export interface TestGateway {
  readonly gateway: ApiGatewayParts;
  readonly log: string[];
  /** Source ARNs that were asked for permission. */
  readonly sourceArns: string[];
  call(method: string, target: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  readonly api?: string;
  readonly stage?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An API Gateway before a stand-in for Lambda, with one API that `define` fills. */
export function startGateway(
  invoke: Invoke,
  define: (control: ApiGatewayParts['control'], apiId: string, rootId: string) => void,
  isAllowed: (sourceArn: string) => boolean = () => true,
): TestGateway & { readonly apiId: string } {
  const log: string[] = [];
  const sourceArns: string[] = [];
  const lambda: Pick<LambdaControl, 'invoke' | 'isInvokeAllowed'> = {
    invoke: (name, payload, options = {}) => invoke(name, payload, options),
    isInvokeAllowed: (_name, _principal, sourceArn) => {
      sourceArns.push(sourceArn);
      return isAllowed(sourceArn);
    },
  };
  const cloud = {
    accountId: ACCOUNT,
    region: REGION,
    now: () => Date.UTC(2026, 10, 23, 6, 7, 8),
    log: (message: string) => log.push(message),
    lambda: lambda as Cloud['lambda'],
  };
  const gateway = createApiGateway(cloud);
  const { restApiId, rootResourceId } = gateway.control.createRestApi({ name: 'shed', tags: {} });
  define(gateway.control, restApiId, rootResourceId);
  return {
    gateway,
    log,
    sourceArns,
    apiId: restApiId,
    call: async (method, target, options = {}) => {
      const [path = '/', rawQuery = ''] = target.split('?');
      const response = await gateway.handleExecuteApi({
        restApiId: options.api ?? restApiId,
        stage: options.stage ?? 'v1',
        method,
        path,
        rawQuery,
        rawHeaders: options.headers ?? ['Host', '127.0.0.1:4566', 'User-Agent', 'test'],
        body: Buffer.from(options.body ?? ''),
        sourceIp: '127.0.0.1',
      });
      return answerOf(response);
    },
  };
}

function answerOf(response: DataPlaneResponse): Answer {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < response.headers.length; i += 2) {
    const name = (response.headers[i] ?? '').toLowerCase();
    const value = response.headers[i + 1] ?? '';
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { status: response.status, headers, body: response.body.toString() };
}

/** The integration with a function, as templates write it. */
export function integration(functionName: string, overrides: { timeoutInMillis?: number } = {}) {
  return {
    type: 'AWS_PROXY' as const,
    integrationHttpMethod: 'POST',
    uri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}/invocations`,
    ...overrides,
  };
}

/** An outcome of a function that answered. */
export function answered(answer: unknown): InvokeOutcome {
  return { kind: 'ok', requestId: 'lambda-request', payload: Buffer.from(JSON.stringify(answer)) };
}
