export { CloudFormationClient } from '@aws-sdk/client-cloudformation';
