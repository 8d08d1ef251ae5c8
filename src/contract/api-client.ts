import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

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
   * @throws the network's error if no complete response arrives, the signal's reason if it was aborted
   */
  call(method: string, path: string, signal?: AbortSignal): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** API Gateway ends an integration after 29 s. The rest is allowed for the network. */
const ANSWER_TIMEOUT_MS = 40_000;
/** The time limit for opening a connection. Idle connections are closed after the same time. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Creates a client. The caller closes it.
 * @param apiUrl base URL with the stage, without a trailing slash
 */
export function createApiClient(apiUrl: string): ApiClient {
  const url = new URL(apiUrl);
  const stage = url.pathname.replace(/\/$/, '');
  const isPlain = url.protocol === 'http:';
  const connections = { keepAlive: true, timeout: CONNECT_TIMEOUT_MS };
  const agent = isPlain ? new HttpAgent(connections) : new HttpsAgent(connections);
  const request = isPlain ? httpRequest : httpsRequest;
  return {
    call: async (method, path, signal) => {
      try {
        const options = { agent, method, path: `${stage}${path}` };
        const answer = await answerTo(request(url, signal === undefined ? options : { ...options, signal }));
        return {
          call: `${method} ${path}`,
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(answer.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
          ),
          body: await text(answer),
        };
      } catch (error) {
        // A server that dropped this connection may have dropped the idle ones as well.
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
        signal?.throwIfAborted();
        throw error;
      }
    },
    close: async () => agent.destroy(),
  };
}

/** Sends a request without a body, and resolves when the head of its response is there. */
function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
    // This limit counts from the moment that the connection is open, and that of the agent before.
    request.setTimeout(ANSWER_TIMEOUT_MS, () => {
      request.destroy(new Error(`${request.method} ${request.path} got no answer in time`));
    });
    request.end();
  });
}
