export { APIGatewayClient } from '@aws-sdk/client-api-gateway';
