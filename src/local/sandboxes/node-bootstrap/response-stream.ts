import { Writable } from 'node:stream';
import type { Handler } from './load-handler.ts';

/** Marks a streaming handler, by the same symbol as Lambda's own runtime. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HTTP_INTEGRATION_TYPE = 'application/vnd.awslambda.http-integration-response';
/** Separates the metadata of an HTTP answer from its body. */
const PRELUDE_END = Buffer.alloc(8);

/** The stream that a streaming handler writes to. Its bytes are answered together when it has ended. */
export class ResponseStream extends Writable {
  readonly #chunks: Buffer[] = [];
  #prelude: Buffer | undefined;
  contentType: string | undefined;

  setContentType(contentType: string): void {
    this.contentType = contentType;
  }

  /** Writes the metadata. To be called before the first byte of the body. */
  setPrelude(metadata: unknown): void {
    this.setContentType(HTTP_INTEGRATION_TYPE);
    this.#prelude = Buffer.concat([Buffer.from(JSON.stringify(metadata)), PRELUDE_END]);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#prelude === undefined ? this.#chunks : [this.#prelude, ...this.#chunks]);
  }
}

/**
 * Defines the global `awslambda` for functions.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export function defineStreaming(): void {
  const awslambda = {
    streamifyResponse: (handler: Handler) => Object.assign(handler, { [STREAMING]: 'response' }),
    HttpResponseStream: {
      from: (stream: ResponseStream, metadata: unknown) => {
        stream.setPrelude(metadata);
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

export function isStreaming(handler: Handler): boolean {
  return Reflect.get(handler, STREAMING) === 'response';
}
