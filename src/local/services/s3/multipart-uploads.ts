import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checksum, type ChecksumAlgorithm, etagOf } from './checksum.ts';
import { S3Error } from './s3-error.ts';

/** The attributes of the object, from the headers that began the upload. */
export interface UploadHeaders {
  readonly metadata: Readonly<Record<string, string>>;
  readonly systemHeaders: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly algorithm: ChecksumAlgorithm;
  readonly checksumType: 'COMPOSITE' | 'FULL_OBJECT';
}

/** A part that was uploaded. */
export interface Part {
  readonly partNumber: number;
  readonly size: number;
  /** The MD5 of the part, including quotes. */
  readonly etag: string;
  readonly lastModifiedEpochMs: number;
  readonly checksum: Checksum;
  readonly file: string;
}

/** An upload that was neither completed nor aborted. */
export interface MultipartUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedEpochMs: number;
  readonly headers: UploadHeaders;
  /** By part number. A part that is uploaded again replaces the earlier one. */
  readonly parts: Map<number, Part>;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PART_NUMBER = 10_000;

/** The multipart uploads in progress. Their state is in memory, the content of parts in files. */
export class MultipartUploads {
  readonly #uploads = new Map<string, MultipartUpload>();
  readonly #directory: string;
  readonly #now: () => number;
  #nextFile = 1;

  constructor(options: { readonly directory: string; readonly now: () => number }) {
    this.#directory = options.directory;
    this.#now = options.now;
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  }

  begin(bucket: string, key: string, headers: UploadHeaders): MultipartUpload {
    const uploadId = randomBytes(32).toString('base64url');
    const upload = { uploadId, bucket, key, initiatedEpochMs: this.#now(), headers, parts: new Map() };
    this.#uploads.set(uploadId, upload);
    return upload;
  }

  /** @throws S3Error `NoSuchUpload` */
  find(bucket: string, key: string, uploadId: string): MultipartUpload {
    const upload = this.#uploads.get(uploadId);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw new S3Error(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
      { UploadId: uploadId },
    );
  }

  /** The uploads of a bucket, sorted by key, then by age. */
  list(bucket: string): readonly MultipartUpload[] {
    return [...this.#uploads.values()]
      .filter((upload) => upload.bucket === bucket)
      .sort((left, right) => compare(left.key, right.key) || left.initiatedEpochMs - right.initiatedEpochMs);
  }

  /** @throws S3Error `InvalidArgument` for a part number that is out of range */
  async addPart(
    upload: MultipartUpload,
    partNumber: number,
    body: Buffer,
    checksum: Checksum,
  ): Promise<Part> {
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PART_NUMBER) {
      throw new S3Error(
        'InvalidArgument',
        `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
        400,
        { ArgumentName: 'partNumber', ArgumentValue: String(partNumber) },
      );
    }
    const file = join(this.#directory, String(this.#nextFile));
    this.#nextFile += 1;
    await writeFile(file, body, { mode: 0o600 });
    const part: Part = {
      partNumber,
      size: body.length,
      etag: etagOf(body),
      lastModifiedEpochMs: this.#now(),
      checksum,
      file,
    };
    const before = upload.parts.get(partNumber);
    upload.parts.set(partNumber, part);
    if (before !== undefined) await rm(before.file, { force: true });
    return part;
  }

  /**
   * Returns the parts that the client lists, in its order, after checking them against the uploaded ones.
   * @throws S3Error `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`
   */
  select(
    upload: MultipartUpload,
    named: readonly { readonly partNumber: number; readonly etag: string }[],
  ): readonly Part[] {
    let last = 0;
    return named.map(({ partNumber, etag }, index) => {
      if (partNumber <= last) {
        throw new S3Error(
          'InvalidPartOrder',
          'The list of parts was not in ascending order. Parts must be ordered by part number.',
          400,
          { UploadId: upload.uploadId },
        );
      }
      last = partNumber;
      const part = upload.parts.get(partNumber);
      if (part === undefined || unquoted(part.etag) !== unquoted(etag)) {
        throw new S3Error(
          'InvalidPart',
          "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
          400,
          { UploadId: upload.uploadId, PartNumber: partNumber, ETag: unquoted(etag) },
        );
      }
      if (part.size < MIN_PART_BYTES && index < named.length - 1) {
        throw new S3Error(
          'EntityTooSmall',
          'Your proposed upload is smaller than the minimum allowed size',
          400,
          {
            ProposedSize: part.size,
            MinSizeAllowed: MIN_PART_BYTES,
            PartNumber: partNumber,
            ETag: unquoted(etag),
          },
        );
      }
      return part;
    });
  }

  /** Reads and concatenates the content of parts. */
  async read(parts: readonly Part[]): Promise<Buffer> {
    return Buffer.concat(await Promise.all(parts.map(({ file }) => readFile(file))));
  }

  /** Removes an upload and deletes the content of its parts. */
  async end(upload: MultipartUpload): Promise<void> {
    this.#uploads.delete(upload.uploadId);
    await Promise.all([...upload.parts.values()].map(({ file }) => rm(file, { force: true })));
  }
}

/**
 * The ETag of an object that was uploaded in parts, including quotes: the MD5 of the parts' MD5s, and the number of
 * parts.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function multipartEtag(parts: readonly Part[]): string {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(unquoted(etag), 'hex')));
  return `"${createHash('md5').update(digests).digest('hex')}-${parts.length}"`;
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
