export { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
