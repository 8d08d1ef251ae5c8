import { DEPLOYMENT } from './apigateway-deployment.ts';
import { GATEWAY_RESPONSE } from './apigateway-gateway-response.ts';
import { METHOD } from './apigateway-method.ts';
import { REQUEST_VALIDATOR } from './apigateway-request-validator.ts';
import { RESOURCE } from './apigateway-resource.ts';
import { REST_API } from './apigateway-rest-api.ts';
import { STAGE } from './apigateway-stage.ts';
import { TABLE } from './dynamodb-table.ts';
import { MANAGED_POLICY } from './iam-managed-policy.ts';
import { POLICY } from './iam-policy.ts';
import { ROLE } from './iam-role.ts';
import { FUNCTION } from './lambda-function.ts';
import { LAYER_VERSION } from './lambda-layer-version.ts';
import { PERMISSION } from './lambda-permission.ts';
import { LOG_GROUP } from './logs-log-group.ts';
import type { TypeRegistry } from './resource-type.ts';
import { BUCKET } from './s3-bucket.ts';
import { BUCKET_POLICY } from './s3-bucket-policy.ts';

/** All resource types of the local cloud. */
export const RESOURCE_TYPES: TypeRegistry = new Map(
  [
    BUCKET,
    BUCKET_POLICY,
    DEPLOYMENT,
    FUNCTION,
    GATEWAY_RESPONSE,
    LAYER_VERSION,
    LOG_GROUP,
    MANAGED_POLICY,
    METHOD,
    PERMISSION,
    POLICY,
    REQUEST_VALIDATOR,
    RESOURCE,
    REST_API,
    ROLE,
    STAGE,
    TABLE,
  ].map((type) => [type.type, type]),
);
