import type { StageConfiguration } from '../../../api-gateway-control.ts';
import { badRequest, notFound } from '../control-errors.ts';
import type { RestApi } from '../rest-api.ts';
import { methodThrottle } from '../token-bucket.ts';

/** The limits of an account, for a stage without its own. */
const ACCOUNT_RATE = 10_000;
const ACCOUNT_BURST = 5_000;

const STAGE_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/** Sets a stage's deployment and limits. */
export function putStage(api: RestApi, stage: StageConfiguration): void {
  if (!STAGE_NAME.test(stage.stageName)) {
    throw badRequest('Stage name only allows a-zA-Z0-9_-');
  }
  const deployment = api.deployments.get(stage.deploymentId);
  if (deployment === undefined) throw notFound('Invalid Deployment identifier specified');
  api.stages.set(stage.stageName, {
    name: stage.stageName,
    deployment,
    variables: Object.keys(stage.variables).length === 0 ? null : stage.variables,
    throttle: methodThrottle(
      stage.throttlingRateLimit ?? ACCOUNT_RATE,
      stage.throttlingBurstLimit ?? ACCOUNT_BURST,
    ),
  });
}
