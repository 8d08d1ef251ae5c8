/** The services that shedbench calls, by their prefixes in IAM actions. */
export type ServiceName = 'cloudformation' | 'logs' | 's3' | 'sts' | 'lambda' | 'dynamodb' | 'apigateway';

/** One SDK call. The clients report it to an observer, and record it for errors. */
export interface AwsCall {
  readonly service: ServiceName;
  /** The SDK's name of the operation: `DescribeStacks`. */
  readonly operation: string;
}

/**
 * The permissions whose name differs from that of the operation.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
const ACTIONS_BY_CALL: Readonly<Record<string, readonly string[]>> = {
  's3:HeadBucket': ['s3:ListBucket'],
  's3:HeadObject': ['s3:GetObject', 's3:GetObjectVersion'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:DeleteObjects': ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  'lambda:Invoke': ['lambda:InvokeFunction'],
  'apigateway:GetStage': ['apigateway:GET'],
};

/** Calls that AWS answers regardless of the caller's policies. */
const NEED_NO_PERMISSION: ReadonlySet<string> = new Set(['sts:GetCallerIdentity']);

/** The IAM actions that a call needs. Empty for a call that every identity may make. */
export function iamActionsOf(call: AwsCall): readonly string[] {
  const name = `${call.service}:${call.operation}`;
  if (NEED_NO_PERMISSION.has(name)) return [];
  return ACTIONS_BY_CALL[name] ?? [name];
}
