import { Agent } from 'undici';

/** A complete HTTP response of the API. */
export interface ApiAnswer {
  /** Method and path, such as `GET /cat?m=5&n=0`. Details of a rule name the call by it. */
  readonly call: string;
  readonly status: number;
  /** Header names are in lower case. The values of a repeated header are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends requests to one deployed API over kept-alive connections. */
export interface ApiClient {
  /**
   * Sends one request. `path` starts below the stage and is sent exactly as given, neither encoded nor normalized.
   * @throws the network's error if no complete response arrives
   */
  call(method: string, path: string, signal?: AbortSignal): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** API Gateway ends an integration after 29 s. The rest is allowed for the network. */
const ANSWER_TIMEOUT_MS = 40_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Creates a client. The caller closes it.
 * @param apiUrl base URL with the stage, without a trailing slash
 */
export function createApiClient(apiUrl: string): ApiClient {
  const { origin, pathname } = new URL(apiUrl);
  const stage = pathname.replace(/\/$/, '');
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  return {
    call: async (method, path, signal) => {
      const { statusCode, headers, body } = await agent.request({
        origin,
        path: `${stage}${path}`,
        method: method as 'GET' | 'POST' | 'DELETE',
        ...(signal === undefined ? {} : { signal }),
      });
      return {
        call: `${method} ${path}`,
        status: statusCode,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name.toLowerCase(),
            Array.isArray(value) ? value.join(', ') : String(value),
          ]),
        ),
        body: await body.text(),
      };
    },
    close: () => agent.destroy(),
  };
}
