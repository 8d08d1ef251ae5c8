import { xmlElement } from '../../protocols/xml.ts';
import type { DoorRequest, DoorResponse } from '../../seams.ts';
import type { BucketStore } from './bucket-store.ts';
import type { MultipartUploads } from './multipart-uploads.ts';

/** What an S3 operation uses. */
export interface S3Call {
  readonly request: DoorRequest;
  readonly store: BucketStore;
  readonly uploads: MultipartUploads;
  /** Decoded. Empty for operations on the service. */
  readonly bucket: string;
  /** Decoded. Empty for operations on a bucket. */
  readonly key: string;
  readonly region: string;
  readonly accountId: string;
}

/** One S3 operation. @throws S3Error for the client */
export type S3Operation = (call: S3Call) => Promise<DoorResponse> | DoorResponse;

const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Creates an answer with an XML document. Lists are repeated elements without a wrapper, as in S3. */
export function xmlAnswer(
  root: string,
  content: object,
  headers: Readonly<Record<string, string>> = {},
): DoorResponse {
  const inner = Object.entries(content)
    .map(([name, value]) => xmlElement(name, value, 'flat'))
    .join('');
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${XMLNS}">${inner}</${root}>`,
  };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): DoorResponse {
  return { status, headers, body: '' };
}
