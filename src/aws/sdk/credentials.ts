export { fromHttp, fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
export { memoize } from '@smithy/core/config';
