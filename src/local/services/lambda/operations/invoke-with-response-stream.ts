import type { Operation } from '../../../protocols/operation.ts';
import { invalid } from '../check-function.ts';

/**
 * Refuses to stream: the local cloud answers a streaming handler's bytes together, through Invoke.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const refuseStreaming: Operation = async () => {
  throw invalid(
    'InvokeWithResponseStream is not emulated by the local cloud. Invoke answers what a streaming handler writes, all of it at once.',
  );
};
