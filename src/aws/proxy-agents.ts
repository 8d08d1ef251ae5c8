import type { Agent } from 'node:http';
import { isLoopbackHost } from './aws-endpoint.ts';

/** The agents for an SDK client's request handler, one for each scheme of the endpoint. */
export interface ProxyAgents {
  readonly httpAgent: Agent;
  readonly httpsAgent: Agent;
}

/** The environment variables that name a proxy, in the spelling of curl and the AWS CLI. */
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the environment names a proxy for any scheme. */
export function namesProxy(env: Environment): boolean {
  return PROXY_VARIABLES.some((name) => Boolean(env[name] || env[name.toUpperCase()]));
}

/**
 * Returns agents that send each request through the proxy of `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless
 * `NO_PROXY` covers its host. Hosts of this machine are always reached directly. Only the AWS clients use the agents,
 * because a load must measure the API and not a proxy.
 * @returns undefined if the environment names no proxy
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html
 */
export async function proxyAgents(env: Environment): Promise<ProxyAgents | undefined> {
  if (!namesProxy(env)) return undefined;
  const [base, { HttpProxyAgent }, { HttpsProxyAgent }, { getProxyForUrl }, http, https] = await Promise.all([
    import('agent-base'),
    import('http-proxy-agent'),
    import('https-proxy-agent'),
    import('proxy-from-env'),
    import('node:http'),
    import('node:https'),
  ]);
  const directHttp = new http.Agent({ keepAlive: true });
  const directHttps = new https.Agent({ keepAlive: true });
  // There is one agent per proxy, so that connections through it are reused.
  const byProxy = new Map<string, Agent>();
  const throughProxy = (proxy: string, secure: boolean): Agent => {
    const key = `${secure} ${proxy}`;
    const agent =
      byProxy.get(key) ??
      (secure
        ? new HttpsProxyAgent(proxy, { keepAlive: true })
        : new HttpProxyAgent(proxy, { keepAlive: true }));
    byProxy.set(key, agent);
    return agent;
  };

  class AgentByHost extends base.Agent {
    override async connect(_request: unknown, options: AgentByHostOptions): Promise<Agent> {
      const secure = options.secureEndpoint;
      const host = options.host ?? 'localhost';
      const shown = host.includes(':') ? `[${host}]` : host;
      const url = `${secure ? 'https' : 'http'}://${shown}:${options.port ?? ''}`;
      const proxy = isLoopbackHost(shown) ? '' : withScheme(getProxyForUrl(url), env);
      if (proxy !== '') return throughProxy(proxy, secure);
      return secure ? directHttps : directHttp;
    }

    override destroy(): void {
      for (const agent of [directHttp, directHttps, ...byProxy.values()]) agent.destroy();
      super.destroy();
    }
  }
  const agent = new AgentByHost({ keepAlive: true });
  return { httpAgent: agent, httpsAgent: agent };
}

/**
 * Adds `http://` to a proxy without a scheme, as curl and the AWS CLI do. proxy-from-env would add the scheme of the
 * requested URL.
 */
function withScheme(proxy: string, env: Environment): string {
  const bare = proxy.replace(/^https:\/\//, '');
  const written = PROXY_VARIABLES.flatMap((name) => [env[name], env[name.toUpperCase()]]);
  return bare !== proxy && written.includes(bare) ? `http://${bare}` : proxy;
}

interface AgentByHostOptions {
  readonly secureEndpoint: boolean;
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
}
