import type { Operation } from '../../../protocols/operation.ts';
import { invalid } from '../check-function.ts';

/**
 * Refuses to stream. The local cloud returns the output of a streaming handler as a whole, through Invoke.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const refuseStreaming: Operation = async () => {
  throw invalid(
    'InvokeWithResponseStream is not emulated by the local cloud. Invoke returns the whole output of a streaming handler at its end.',
  );
};
