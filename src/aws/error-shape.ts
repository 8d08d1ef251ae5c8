/** The members of an error of the SDK or the network. Missing members are empty. */
export interface ErrorShape {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly throttling: boolean;
  /** The region of the bucket in S3's answer. */
  readonly bucketRegion: string | undefined;
}

/** Reads the members that errors of the SDK, of Node's network code and of S3's HEAD answers have in common. */
export function shapeOf(error: unknown): ErrorShape {
  const object = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const metadata = record(object.$metadata);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const status = metadata.httpStatusCode;
  const requestId = metadata.requestId;
  const bucketRegion = text(record(record(object.$response).headers)['x-amz-bucket-region']);
  const innermost = Array.isArray(object.errors) ? record(object.errors[0]) : {};
  const message = text(object.message) || text(innermost.message) || text(object.name) || String(error);
  return {
    name: text(object.name),
    // If a name with several addresses refuses connections, the error is an AggregateError with one error per address.
    code: text(object.Code) || text(object.code) || text(innermost.code),
    message: message.replace(/\s+/g, ' ').trim(),
    status: typeof status === 'number' ? status : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    throttling: record(object.$retryable).throttling === true,
    bucketRegion: bucketRegion === '' ? undefined : bucketRegion,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
