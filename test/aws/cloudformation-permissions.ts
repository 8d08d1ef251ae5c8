/**
 * The permissions that CloudFormation needs of the caller, for each resource type of the templates: all of the type's `read`
 * handler, and those of its `create`, `update` and `delete` handlers that the properties of the templates call for.
 * @see https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/supported-resources.html the types' schemas
 */
export const PERMISSIONS_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGateway::Deployment': ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].map(
    (verb) => `apigateway:${verb}`,
  ),
  'AWS::ApiGateway::GatewayResponse': ['GET', 'PUT', 'DELETE'].map((verb) => `apigateway:${verb}`),
  'AWS::ApiGateway::Method': ['GET', 'PUT', 'DELETE'].map((verb) => `apigateway:${verb}`),
  'AWS::ApiGateway::RequestValidator': ['GET', 'POST', 'PATCH', 'DELETE'].map((verb) => `apigateway:${verb}`),
  'AWS::ApiGateway::Resource': ['GET', 'POST', 'PATCH', 'DELETE'].map((verb) => `apigateway:${verb}`),
  'AWS::ApiGateway::RestApi': ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].map((verb) => `apigateway:${verb}`),
  'AWS::ApiGateway::Stage': ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].map((verb) => `apigateway:${verb}`),
  'AWS::DynamoDB::Table': [
    'dynamodb:CreateTable',
    'dynamodb:DeleteTable',
    'dynamodb:DescribeContinuousBackups',
    'dynamodb:DescribeContributorInsights',
    'dynamodb:DescribeKinesisStreamingDestination',
    'dynamodb:DescribeTable',
    'dynamodb:DescribeTimeToLive',
    'dynamodb:GetResourcePolicy',
    'dynamodb:ListTagsOfResource',
    'dynamodb:TagResource',
    'dynamodb:UntagResource',
    'dynamodb:UpdateTable',
  ],
  'AWS::IAM::Role': [
    'iam:CreateRole',
    'iam:DeleteRole',
    'iam:DeleteRolePolicy',
    'iam:GetRole',
    'iam:GetRolePolicy',
    'iam:ListAttachedRolePolicies',
    'iam:ListRolePolicies',
    'iam:PutRolePolicy',
    'iam:TagRole',
    'iam:UntagRole',
    'iam:UpdateAssumeRolePolicy',
    'iam:UpdateRole',
    'iam:UpdateRoleDescription',
  ],
  'AWS::Lambda::Function': [
    'iam:PassRole',
    'lambda:CreateFunction',
    'lambda:DeleteFunction',
    'lambda:GetFunction',
    'lambda:GetFunctionCodeSigningConfig',
    'lambda:GetFunctionRecursionConfig',
    'lambda:GetFunctionScalingConfig',
    'lambda:GetRuntimeManagementConfig',
    'lambda:ListTags',
    'lambda:TagResource',
    'lambda:UntagResource',
    'lambda:UpdateFunctionCode',
    'lambda:UpdateFunctionConfiguration',
    's3:GetObject',
    's3:GetObjectVersion',
  ],
  'AWS::Lambda::Permission': ['lambda:AddPermission', 'lambda:GetPolicy', 'lambda:RemovePermission'],
  'AWS::Logs::LogGroup': [
    'logs:CreateLogGroup',
    'logs:DeleteLogGroup',
    'logs:DeleteRetentionPolicy',
    'logs:DescribeIndexPolicies',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetDataProtectionPolicy',
    'logs:ListTagsForResource',
    'logs:PutRetentionPolicy',
    'logs:TagResource',
    'logs:UntagResource',
  ],
  'AWS::S3::Bucket': [
    's3:CreateBucket',
    's3:DeleteBucket',
    's3:GetAccelerateConfiguration',
    's3:GetAnalyticsConfiguration',
    's3:GetBucketAbac',
    's3:GetBucketCORS',
    's3:GetBucketLogging',
    's3:GetBucketMetadataTableConfiguration',
    's3:GetBucketNotification',
    's3:GetBucketObjectLockConfiguration',
    's3:GetBucketOwnershipControls',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketTagging',
    's3:GetBucketVersioning',
    's3:GetBucketWebsite',
    's3:GetEncryptionConfiguration',
    's3:GetIntelligentTieringConfiguration',
    's3:GetInventoryConfiguration',
    's3:GetLifecycleConfiguration',
    's3:GetMetricsConfiguration',
    's3:GetReplicationConfiguration',
    's3:ListBucket',
    's3:ListTagsForResource',
    's3:PutBucketOwnershipControls',
    's3:PutBucketPublicAccessBlock',
    's3:PutBucketTagging',
    's3:PutEncryptionConfiguration',
    's3:PutLifecycleConfiguration',
  ],
  'AWS::S3::BucketPolicy': ['s3:DeleteBucketPolicy', 's3:GetBucketPolicy', 's3:PutBucketPolicy'],
};

/**
 * What the schemas list beyond that, since it serves properties that the templates do not set. A permission that is neither
 * here nor above is new, and somebody has to decide on it.
 */
export const NOT_CALLED_FOR: readonly {
  readonly feature: string;
  readonly permissions: RegExp;
}[] = [
  { feature: 'keys of KMS', permissions: /^kms:|^logs:(Disa|A)ssociateKmsKey$/ },
  { feature: 'networks', permissions: /^ec2:/ },
  { feature: 'file systems', permissions: /^(elasticfilesystem|s3files):/ },
  {
    feature:
      'code signing, layers, versions, concurrency, recursion, scaling and runtime settings of a function',
    permissions:
      /^lambda:(AssociateRuntimeAlias|GetCodeSigningConfig|GetLayerVersion|PassCapacityProvider|PublishVersion|(Put|Delete)(FunctionCodeSigningConfig|FunctionConcurrency)|Put(FunctionRecursion|FunctionScaling|RuntimeManagement)Config)$/,
  },
  {
    feature:
      'features of a bucket: analytics, replication, website, notifications, locks, metadata tables and others',
    permissions:
      /^s3tables:|^s3:(TagResource|UntagResource|GetBucketAcl|(Put|Delete)(Bucket)?(Abac|Accelerate|Acl|Analytics|CORS|Cors|IntelligentTiering|Inventory|Logging|Metrics|Notification|ObjectAcl|ObjectLock|Replication|Versioning|Website)\w*|DeleteBucket(Encryption|Lifecycle)|\w*BucketMetadata\w*)$/,
  },
  {
    feature: 'streams, imports, replicas, resource policies, backups and time to live of a table',
    permissions:
      /^kinesis:|^iam:CreateServiceLinkedRole$|^s3:GetObjectMetadata$|^logs:(CreateLogStream|DescribeLogStreams|PutLogEvents)$|^dynamodb:(\w*TableReplica|\w*ResourcePolicy|\w*Import\w*|\w*KinesisStreamingDestination|Update(ContinuousBackups|ContributorInsights|TimeToLive)|(Delete|Put|Update)Item|Query)$/,
  },
  {
    feature: 'delivery, index, protection and resource policies of a log group',
    permissions:
      /^firehose:|^s3:REST\.PUT\.OBJECT$|^logs:(CreateLogDelivery|(Put|Delete)(DataProtectionPolicy|IndexPolicy|ResourcePolicy)|PutBearerTokenAuthentication|PutLogGroupDeletionProtection)$/,
  },
  {
    feature: 'managed policies and boundaries of a role',
    permissions: /^iam:((At|De)tachRolePolicy|(Put|Delete)RolePermissionsBoundary)$/,
  },
  { feature: 'the resource policy of an API', permissions: /^apigateway:UpdateRestApiPolicy$/ },
];
