import { type DoorRequest, type DoorResponse, ServiceError } from '../seams.ts';

/** Where a protocol reports bugs: the cloud's log. */
export type Log = (message: string) => void;

/** The code AWS answers with when the service itself failed. */
const INTERNAL_FAILURE = 'InternalFailure';

/**
 * Runs one operation and renders either outcome. What is not a ServiceError is a bug of the local cloud: its stack
 * goes to the log, and the client gets `InternalFailure` (500) with the message, which SDKs retry as they would AWS.
 */
export async function answer(
  request: DoorRequest,
  what: string,
  log: Log,
  run: () => Promise<DoorResponse>,
  renderError: (error: ServiceError) => DoorResponse,
): Promise<DoorResponse> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ServiceError) return renderError(error);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log(`${what} failed, request ${request.requestId}: ${text}`);
    return renderError(
      new ServiceError(
        INTERNAL_FAILURE,
        `The local cloud failed: ${error instanceof Error ? error.message : String(error)}`,
        500,
      ),
    );
  }
}
