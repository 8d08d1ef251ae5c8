/** AWS's managed policies that let functions write their logs, and those that allow everything. */
const WRITE_LOGS: ReadonlySet<string> = new Set([
  'AWSLambdaBasicExecutionRole',
  'AWSLambdaBasicDurableExecutionRolePolicy',
  'AWSLambdaDynamoDBExecutionRole',
  'AWSLambdaKinesisExecutionRole',
  'AWSLambdaMSKExecutionRole',
  'AWSLambdaSQSQueueExecutionRole',
  'AWSLambdaVPCAccessExecutionRole',
  'AmazonAPIGatewayPushToCloudWatchLogs',
  'CloudWatchFullAccess',
  'CloudWatchFullAccessV2',
  'CloudWatchLogsFullAccess',
  'AdministratorAccess',
  'PowerUserAccess',
]);

const LOGS_DOCUMENT = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  ],
};
const EMPTY_DOCUMENT = { Version: '2012-10-17', Statement: [] };

/**
 * The document of a managed policy, reduced to what the local cloud checks: whether a function may write its logs.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html#permissions-executionrole-features
 */
export function managedPolicyDocument(arn: string): unknown {
  return WRITE_LOGS.has(arn.slice(arn.lastIndexOf('/') + 1)) ? LOGS_DOCUMENT : EMPTY_DOCUMENT;
}
