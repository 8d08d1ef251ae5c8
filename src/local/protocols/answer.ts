import { type DoorRequest, type DoorResponse, ServiceError } from '../seams.ts';

/** Writes to the cloud's log, where protocols report bugs. */
export type Log = (message: string) => void;

/** AWS's error code for a failure of the service itself. */
const INTERNAL_FAILURE = 'InternalFailure';

/**
 * Runs one operation and renders its output or its error. An error that is not a ServiceError is a bug of the local
 * cloud. Its stack is logged, and the client gets `InternalFailure` (500) with the message, which SDKs retry as they do
 * on AWS.
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
