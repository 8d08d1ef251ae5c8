import type { DeployedRuntime, Deployment } from '../model/deployment.ts';
import type { Route } from '../model/route.ts';
import { targetFlags } from '../model/selector.ts';
import type { LoadJob } from './load-runs.ts';

/** The facts about the API of one runtime for its job and its record: its address, and its function. */
export function shedJob(
  route: Route,
  deployment: Deployment,
  runtime: DeployedRuntime,
): Pick<LoadJob, 'runtime' | 'url' | 'about' | 'shed'> {
  const { kind, region, accountId, endpoint, profile } = deployment.target;
  const { functionName, logGroupName, artifactSha256, bundle } = runtime.functions[route];
  return {
    runtime: runtime.runtime,
    url: runtime.apiUrl,
    about: {
      target: { kind, region, accountId, ...(endpoint === undefined ? {} : { endpoint }) },
      project: deployment.project,
      functionName,
      logGroupName,
      lambdaRuntime: runtime.lambdaRuntime,
      architecture: deployment.architecture,
      memorySizeMB: deployment.memorySizeMB,
      templateSha256: deployment.templateSha256,
      ...(artifactSha256 === undefined ? {} : { artifactSha256 }),
      ...(bundle === undefined ? {} : { bundle }),
    },
    shed: {
      tableName: runtime.tableName,
      route,
      flags: targetFlags({
        project: deployment.project,
        region,
        ...(profile === undefined ? {} : { profile }),
        local: kind === 'local',
      }),
    },
  };
}
