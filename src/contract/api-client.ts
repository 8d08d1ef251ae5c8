import { Agent } from 'undici';

/** One whole answer of the API. */
export interface ApiAnswer {
  /** `GET /cat?m=5&n=0`: how details name the call. */
  readonly call: string;
  readonly status: number;
  /** Names lower-cased; a repeated header's values joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls of one deployed API. */
export interface ApiClient {
  /**
   * One request, sent exactly as given: the path below the stage is neither encoded nor normalized.
   * @throws the network's error where no whole answer came
   */
  call(method: string, path: string, signal?: AbortSignal): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** API Gateway ends an integration after 29 s; the rest is for the way. */
const ANSWER_TIMEOUT_MS = 40_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** @param apiUrl base URL with the stage, without a trailing slash */
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
