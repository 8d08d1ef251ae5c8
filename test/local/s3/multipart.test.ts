import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createS3 } from '../../../src/local/services/s3/service.ts';
import { ACCOUNT_ID, type OpenDoor, openDoor } from '../open-door.ts';

const MIB = 1024 * 1024;
const FIRST = Buffer.alloc(5 * MIB, 'a');
const LAST = Buffer.from('the end');
const WHOLE = Buffer.concat([FIRST, LAST]);

const dataDir = mkdtempSync(join(tmpdir(), 'shedbench-s3-test-'));
let door: OpenDoor;
let s3: S3Client;
let bucket = '';
let buckets = 0;

beforeAll(async () => {
  door = await openDoor({
    services: (log) =>
      createS3({ accountId: ACCOUNT_ID, region: 'us-east-1', dataDir, now: Date.now, log }).services,
  });
  s3 = new S3Client({ ...door.clientConfig, forcePathStyle: true });
});
beforeEach(async () => {
  buckets += 1;
  bucket = `parts-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  s3.destroy();
  await door.close();
  expect(door.log).toEqual([]);
  rmSync(dataDir, { recursive: true });
});

const md5 = (body: Buffer): Buffer => createHash('md5').update(body).digest();

async function begin(Key = 'a.zip', more: object = {}) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key, ...more }));
  return { Bucket: bucket, Key, UploadId };
}

async function sendParts(upload: Awaited<ReturnType<typeof begin>>, bodies: readonly Buffer[]) {
  return Promise.all(
    bodies.map(async (Body, index) => {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
      return { PartNumber, ETag };
    }),
  );
}

async function errorName(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe('a multipart upload', () => {
  test('a multipart upload becomes one object with the metadata of its beginning and the ETag of its parts', async () => {
    const upload = await begin('a.zip', { Metadata: { project: 'shed' }, ContentType: 'application/zip' });
    const Parts = await sendParts(upload, [FIRST, LAST]);
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    const etag = `"${md5(Buffer.concat([md5(FIRST), md5(LAST)])).toString('hex')}-2"`;
    expect(done).toMatchObject({ Bucket: bucket, Key: 'a.zip', ETag: etag });
    expect((await read('a.zip')).equals(WHOLE)).toBe(true);
    expect(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a.zip' }))).toMatchObject({
      ETag: etag,
      ContentLength: WHOLE.length,
      ContentType: 'application/zip',
      Metadata: { project: 'shed' },
    });
    expect(readdirSync(join(dataDir, 's3-uploads'))).toEqual([]);
  });

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'] as const)(
    'a multipart upload has a checksum by %s that the SDK accepts when it reads the object',
    async (ChecksumAlgorithm) => {
      const upload = await begin('a.zip', { ChecksumAlgorithm });
      const Parts = await Promise.all(
        [FIRST, LAST].map(async (Body, index) => {
          const part = await s3.send(
            new UploadPartCommand({ ...upload, PartNumber: index + 1, Body, ChecksumAlgorithm }),
          );
          const name = `Checksum${ChecksumAlgorithm}` as const;
          return { PartNumber: index + 1, ETag: part.ETag, [name]: part[name] };
        }),
      );
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      const head = await s3.send(
        new HeadObjectCommand({ Bucket: bucket, Key: 'a.zip', ChecksumMode: 'ENABLED' }),
      );
      const isWhole = ChecksumAlgorithm === 'CRC64NVME';
      expect(head.ChecksumType).toBe(isWhole ? 'FULL_OBJECT' : 'COMPOSITE');
      expect(head[`Checksum${ChecksumAlgorithm}`]).toMatch(isWhole ? /=$/ : /=-2$|-2$/);
      expect((await read('a.zip')).equals(WHOLE)).toBe(true);
    },
  );

  test('a multipart upload lists its parts, and the bucket lists its uploads', async () => {
    const upload = await begin();
    await sendParts(upload, [FIRST, LAST]);
    const page = await s3.send(new ListPartsCommand({ ...upload, MaxParts: 1 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1' });
    expect(page.Parts?.map(({ Size }) => Size)).toEqual([FIRST.length]);
    const rest = await s3.send(new ListPartsCommand({ ...upload, PartNumberMarker: '1' }));
    expect(rest.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([[2, LAST.length]]);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([[upload.Key, upload.UploadId]]);
  });

  test('a multipart upload that is aborted leaves nothing, and knows no more parts', async () => {
    const before = readdirSync(join(dataDir, 's3-uploads'));
    const upload = await begin();
    await sendParts(upload, [LAST]);
    await s3.send(new AbortMultipartUploadCommand(upload));
    expect(readdirSync(join(dataDir, 's3-uploads'))).toEqual(before);
    expect(await errorName(s3.send(new ListPartsCommand(upload)))).toBe('NoSuchUpload');
  });

  test('a multipart upload refuses parts that are missing, in disorder, or too small', async () => {
    const upload = await begin();
    const [first, last] = await sendParts(upload, [LAST, FIRST]);
    const complete = (Parts: readonly ({ PartNumber: number; ETag: string | undefined } | undefined)[]) =>
      errorName(
        s3.send(
          new CompleteMultipartUploadCommand({
            ...upload,
            MultipartUpload: { Parts: Parts.filter((part) => part !== undefined) },
          }),
        ),
      );
    expect(await complete([first, last])).toBe('EntityTooSmall');
    expect(await complete([last, first])).toBe('InvalidPartOrder');
    expect(await complete([{ PartNumber: 3, ETag: first?.ETag }])).toBe('InvalidPart');
  });
});

describe('a copy', () => {
  test('a copy has the bytes and the metadata of its source', async () => {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'a/b c', Body: 'hello', Metadata: { project: 'shed' } }),
    );
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/a/b%20c` }),
    );
    expect(CopyObjectResult?.ETag).toBe(`"${md5(Buffer.from('hello')).toString('hex')}"`);
    expect((await read('copy')).toString()).toBe('hello');
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'copy' }));
    expect(head.Metadata).toEqual({ project: 'shed' });
  });

  test('a copy with other metadata takes those, and onto itself only with other metadata', async () => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'hello', Metadata: { x: '1' } }));
    const onto = { Bucket: bucket, Key: 'a', CopySource: `${bucket}/a` };
    expect(await errorName(s3.send(new CopyObjectCommand(onto)))).toBe('InvalidRequest');
    await s3.send(new CopyObjectCommand({ ...onto, MetadataDirective: 'REPLACE', Metadata: { y: '2' } }));
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(head.Metadata).toEqual({ y: '2' });
  });

  test('a copy of an object that is not there, or under a condition that fails, is refused', async () => {
    const to = { Bucket: bucket, Key: 'copy' };
    expect(await errorName(s3.send(new CopyObjectCommand({ ...to, CopySource: `${bucket}/none` })))).toBe(
      'NoSuchKey',
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'hello' }));
    expect(
      await errorName(
        s3.send(new CopyObjectCommand({ ...to, CopySource: `${bucket}/a`, CopySourceIfMatch: '"other"' })),
      ),
    ).toBe('PreconditionFailed');
  });

  test('a copy can be a part of an upload, whole or a range of it', async () => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'hello' }));
    const upload = await begin('b');
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber: 1,
        CopySource: `${bucket}/a`,
        CopySourceRange: 'bytes=1-3',
      }),
    );
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    expect((await read('b')).toString()).toBe('ell');
  });
});

test('ListBuckets takes MaxBuckets, a prefix and a token', async () => {
  for (const name of ['page-1', 'page-2', 'page-3']) {
    await s3.send(new CreateBucketCommand({ Bucket: name }));
  }
  const first = await s3.send(new ListBucketsCommand({ Prefix: 'page-', MaxBuckets: 2 }));
  expect(first.Buckets?.map(({ Name }) => Name)).toEqual(['page-1', 'page-2']);
  const second = await s3.send(
    new ListBucketsCommand({ Prefix: 'page-', MaxBuckets: 2, ContinuationToken: first.ContinuationToken }),
  );
  expect(second.Buckets?.map(({ Name }) => Name)).toEqual(['page-3']);
  expect(second.ContinuationToken).toBeUndefined();
});
