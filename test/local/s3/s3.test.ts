import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../../src/local/seams.ts';
import { createS3 } from '../../../src/local/services/s3/service.ts';
import { exchange } from '../http/raw-client.ts';
import { ACCOUNT_ID, type OpenDoor, openDoor } from '../open-door.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'shedbench-s3-test-'));
let door: OpenDoor;
let s3: S3Client;
let store: ObjectStore;
let bucket = '';
let buckets = 0;

beforeAll(async () => {
  door = await openDoor({
    services: (log) => {
      const parts = createS3({ accountId: ACCOUNT_ID, region: 'us-east-1', dataDir, now: Date.now, log });
      store = parts.control;
      return parts.services;
    },
  });
  s3 = new S3Client({ ...door.clientConfig, forcePathStyle: true });
});
beforeEach(async () => {
  buckets += 1;
  bucket = `bucket-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  s3.destroy();
  await door.close();
  expect(door.log).toEqual([]);
  rmSync(dataDir, { recursive: true });
});

async function errorOf(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  const error = await call.then(
    () => {
      throw new Error('the call succeeded');
    },
    (reason: unknown) => reason,
  );
  const { name, message, $metadata } = error as {
    name: string;
    message: string;
    $metadata?: { httpStatusCode: number };
  };
  return { name, message, status: $metadata?.httpStatusCode ?? 0 };
}

async function put(key: string, body: string | Buffer = key) {
  return s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

async function get(key: string, versionId?: string): Promise<string> {
  const answer = await s3.send(
    new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(versionId === undefined ? {} : { VersionId: versionId }),
    }),
  );
  return (await answer.Body?.transformToString()) ?? '';
}

async function enableVersioning(): Promise<void> {
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
}

describe('buckets', () => {
  test('buckets are created, found, listed and deleted', async () => {
    expect(await s3.send(new HeadBucketCommand({ Bucket: bucket }))).toMatchObject({
      BucketRegion: 'us-east-1',
    });
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map((one) => one.Name)).toContain(bucket);
    expect(
      (await s3.send(new GetBucketLocationCommand({ Bucket: bucket }))).LocationConstraint,
    ).toBeUndefined();
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    expect(await errorOf(s3.send(new HeadBucketCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
    expect(await errorOf(s3.send(new DeleteBucketCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NoSuchBucket',
      status: 404,
    });
  });

  test('buckets may be created again by their owner in us-east-1', async () => {
    await put('a');
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    expect(await get('a')).toBe('a');
  });

  test.each(['ab', 'Bucket', 'a..b', '192.168.0.1', 'a_b', '-ab'])(
    'the bucket name %s is refused',
    async (name) => {
      expect(await errorOf(s3.send(new CreateBucketCommand({ Bucket: name })))).toMatchObject({
        name: 'InvalidBucketName',
        status: 400,
      });
    },
  );

  test('buckets that hold anything, be it only a delete marker, are not deleted', async () => {
    await enableVersioning();
    const { VersionId } = await put('a');
    expect(await errorOf(s3.send(new DeleteBucketCommand({ Bucket: bucket })))).toMatchObject({
      name: 'BucketNotEmpty',
      status: 409,
      message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    });
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId }));
    expect(() => store.deleteBucket(bucket)).toThrow('not empty');
  });

  test('buckets keep tags and policies', async () => {
    expect(await errorOf(s3.send(new GetBucketTaggingCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NoSuchTagSet',
      status: 404,
    });
    const TagSet = [{ Key: 'shedbench:project', Value: 'a <b> & "c"' }];
    await s3.send(new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet } }));
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket: bucket }))).TagSet).toEqual(TagSet);
    await s3.send(new DeleteBucketTaggingCommand({ Bucket: bucket }));
    expect(await errorOf(s3.send(new GetBucketTaggingCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NoSuchTagSet',
    });
    store.setBucketTags(bucket, { a: 'b' });
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket: bucket }))).TagSet).toEqual([
      { Key: 'a', Value: 'b' },
    ]);

    expect(await errorOf(s3.send(new GetBucketPolicyCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny' }] });
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }))).Policy).toBe(Policy);
    expect(await errorOf(s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: '{' })))).toMatchObject(
      {
        name: 'MalformedPolicy',
      },
    );
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    expect(await errorOf(s3.send(new GetBucketPolicyCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
  });
});

describe('a bucket of another region', () => {
  test('a bucket of another region needs its location constraint, and answers with it', async () => {
    const other = await openDoor({
      region: 'eu-west-3',
      services: (log) =>
        createS3({
          accountId: ACCOUNT_ID,
          region: 'eu-west-3',
          dataDir: join(dataDir, 'eu'),
          now: Date.now,
          log,
        }).services,
    });
    const client = new S3Client({ ...other.clientConfig, forcePathStyle: true });
    await client.send(
      new CreateBucketCommand({
        Bucket: 'paris',
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-3' },
      }),
    );
    expect((await client.send(new GetBucketLocationCommand({ Bucket: 'paris' }))).LocationConstraint).toBe(
      'eu-west-3',
    );
    expect(
      await errorOf(
        client.send(
          new CreateBucketCommand({
            Bucket: 'paris',
            CreateBucketConfiguration: { LocationConstraint: 'eu-west-3' },
          }),
        ),
      ),
    ).toMatchObject({ name: 'BucketAlreadyOwnedByYou', status: 409 });
    expect(
      await errorOf(
        client.send(
          new CreateBucketCommand({
            Bucket: 'milan',
            CreateBucketConfiguration: { LocationConstraint: 'eu-south-1' },
          }),
        ),
      ),
    ).toMatchObject({ name: 'IllegalLocationConstraintException', status: 400 });
    client.destroy();
    await other.close();
  });
});

describe('objects', () => {
  test('objects come back byte for byte with their metadata, type, tags and checksum', async () => {
    const body = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) & 0xff));
    const stored = await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: 'dir/ä b+c%20.zip',
        Body: body,
        ContentType: 'application/zip',
        CacheControl: 'no-cache',
        Metadata: { sha256: 'abc', project: 'x y' },
        Tagging: 'project=a%20b&runtime=node',
      }),
    );
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    expect(stored).toMatchObject({ ETag: etag, ServerSideEncryption: 'AES256' });
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'dir/ä b+c%20.zip' }));
    expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    expect(answer).toMatchObject({
      ETag: etag,
      ContentType: 'application/zip',
      CacheControl: 'no-cache',
      ContentLength: 100_000,
      Metadata: { sha256: 'abc', project: 'x y' },
      TagCount: 2,
      ChecksumCRC32: stored.ChecksumCRC32,
    });
    expect(stored.ChecksumCRC32).toMatch(/^[\w+/]{6}==$/);
    expect(answer.ContentEncoding).toBeUndefined();
    expect(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'dir/ä b+c%20.zip' }))).toMatchObject({
      ContentLength: 100_000,
      ETag: etag,
      Metadata: { sha256: 'abc' },
    });
    const { TagSet } = await s3.send(
      new GetObjectTaggingCommand({ Bucket: bucket, Key: 'dir/ä b+c%20.zip' }),
    );
    expect(TagSet).toEqual([
      { Key: 'project', Value: 'a b' },
      { Key: 'runtime', Value: 'node' },
    ]);
    expect(store.readObject(bucket, 'dir/ä b+c%20.zip').equals(body)).toBe(true);
  });

  test('objects may be empty', async () => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: '', ContentLength: 0 }));
    expect(await get('a')).toBe('');
    expect((await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }))).ContentLength).toBe(0);
  });

  test('objects may have any key', async () => {
    for (const key of [
      '../../escape',
      '/absolute',
      'a//b',
      '.',
      '..',
      'a/../b',
      '\u{1f411}',
      'q?x=1&y#z',
      ' ',
    ]) {
      await put(key, key);
      expect(await get(key)).toBe(key);
    }
  });

  test('objects lie in numbered files in the data folder, whatever their keys', async () => {
    await put('../../../../../../tmp/escape', 'x');
    await put('/etc/passwd', 'y');
    expect(readdirSync(dataDir).filter((name) => name !== 'eu')).toEqual(['s3', 's3-uploads']);
    expect(readdirSync(join(dataDir, 's3')).every((name) => /^\d+$/.test(name))).toBe(true);
  });

  test('objects that were replaced or deleted leave no file', async () => {
    const before = readdirSync(join(dataDir, 's3')).length;
    await put('a', '1');
    await put('a', '2');
    expect(readdirSync(join(dataDir, 's3'))).toHaveLength(before + 1);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(readdirSync(join(dataDir, 's3'))).toHaveLength(before);
  });

  test('objects that are not there are NoSuchKey, and deleting them succeeds', async () => {
    expect(await errorOf(get('none'))).toEqual({
      name: 'NoSuchKey',
      status: 404,
      message: 'The specified key does not exist.',
    });
    expect(await errorOf(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'none' })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'none' }));
    expect(
      await errorOf(s3.send(new PutObjectCommand({ Bucket: 'nowhere', Key: 'a', Body: 'a' }))),
    ).toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  test('objects are written once only where asked so', async () => {
    const once = () =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'once', Body: 'a', IfNoneMatch: '*' }));
    const outcomes = await Promise.allSettled([once(), once(), once()]);
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(await errorOf(once())).toMatchObject({ name: 'PreconditionFailed', status: 412 });
  });

  test('objects are read by range and condition', async () => {
    const { ETag } = await put('digits', '0123456789');
    const range = async (Range: string) =>
      (
        await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'digits', Range }))
      ).Body?.transformToString();
    expect(await range('bytes=2-4')).toBe('234');
    expect(await range('bytes=7-')).toBe('789');
    expect(await range('bytes=-3')).toBe('789');
    expect(await range('bytes=8-100')).toBe('89');
    expect(await errorOf(range('bytes=10-'))).toMatchObject({ name: 'InvalidRange', status: 416 });
    expect(
      await errorOf(s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'digits', IfMatch: '"x"' }))),
    ).toMatchObject({ name: 'PreconditionFailed', status: 412 });
    expect(
      (await errorOf(s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'digits', IfNoneMatch: ETag }))))
        .status,
    ).toBe(304);
  });

  test('objects take tags later', async () => {
    await put('a');
    await s3.send(
      new PutObjectTaggingCommand({
        Bucket: bucket,
        Key: 'a',
        Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] },
      }),
    );
    const tags = async () =>
      (await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'a' }))).TagSet;
    expect(await tags()).toEqual([{ Key: 'k', Value: 'v' }]);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket: bucket, Key: 'a' }));
    expect(await tags()).toEqual([]);
  });

  test('objects are refused to another account', async () => {
    expect(
      await errorOf(
        s3.send(
          new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'a', ExpectedBucketOwner: '111111111111' }),
        ),
      ),
    ).toMatchObject({ name: 'AccessDenied', status: 403 });
  });

  test('objects of many megabytes arrive whole', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024, 'sheep');
    await put('large', body);
    expect(store.readObject(bucket, 'large').equals(body)).toBe(true);
  });

  test('streamed with trailing checksums arrive whole', async () => {
    const { Readable } = await import('node:stream');
    const body = Buffer.alloc(300_000, 'wolf');
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: 'streamed',
        Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]),
        ContentLength: body.length,
      }),
    );
    expect(store.readObject(bucket, 'streamed').equals(body)).toBe(true);
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }),
    );
    expect(head.ChecksumCRC32).toBeDefined();
    expect(head.ContentEncoding).toBeUndefined();
  });
});

describe('checksums', () => {
  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'a checksum by %s is checked and kept',
    async (algorithm) => {
      // Of the text 123456789, from the catalogues of checksums.
      const known = {
        CRC32: 'cbf43926',
        CRC32C: 'e3069283',
        CRC64NVME: 'ae8b14860a799888',
        SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
        SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
      };
      const value = Buffer.from(known[algorithm], 'hex').toString('base64');
      const member = `Checksum${algorithm}`;
      const answer = await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: 'c', Body: '123456789', [member]: value }),
      );
      expect(answer).toMatchObject({ [member]: value });
      const wrong = Buffer.from(known[algorithm], 'hex');
      wrong[0] = (wrong[0] ?? 0) ^ 1;
      expect(
        await errorOf(
          s3.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: 'd',
              Body: '123456789',
              [member]: wrong.toString('base64'),
            }),
          ),
        ),
      ).toMatchObject({ name: 'BadDigest', status: 400 });
      expect(await errorOf(get('d'))).toMatchObject({ name: 'NoSuchKey' });
    },
  );

  test('Content-MD5 is checked', async () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('base64');
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x', ContentMD5: md5('x') }));
    expect(
      await errorOf(
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x', ContentMD5: md5('y') })),
      ),
    ).toMatchObject({ name: 'BadDigest' });
    expect(
      await errorOf(
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x', ContentMD5: 'eA==' })),
      ),
    ).toMatchObject({ name: 'InvalidDigest' });
  });
});

describe('versions', () => {
  test('versions are kept side by side, deleted by markers, and for good by id', async () => {
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBeUndefined();
    await put('a', 'before');
    await enableVersioning();
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
    const second = await put('a', 'second');
    const third = await put('a', 'third');
    expect(await get('a')).toBe('third');
    expect(await get('a', second.VersionId)).toBe('second');
    expect(await get('a', 'null')).toBe('before');

    const marker = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(marker).toMatchObject({ DeleteMarker: true });
    expect(await errorOf(get('a'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
    expect(await errorOf(get('a', marker.VersionId))).toMatchObject({ status: 405 });
    expect((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);

    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(DeleteMarkers?.map((one) => [one.Key, one.VersionId, one.IsLatest])).toEqual([
      ['a', marker.VersionId, true],
    ]);
    expect(Versions?.map((one) => [one.VersionId, one.IsLatest, one.Size])).toEqual([
      [third.VersionId, false, 5],
      [second.VersionId, false, 6],
      ['null', false, 6],
    ]);

    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId: marker.VersionId }));
    expect(await get('a')).toBe('third');
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId: third.VersionId }));
    expect(await get('a')).toBe('second');
    expect(await errorOf(get('a', third.VersionId))).toMatchObject({ name: 'NoSuchVersion', status: 404 });
  });

  test('versions without an id are replaced while versioning is suspended', async () => {
    await enableVersioning();
    const kept = await put('a', 'kept');
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    );
    await put('a', 'one');
    await put('a', 'two');
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(Versions?.map((one) => one.VersionId)).toEqual(['null', kept.VersionId]);
    expect(await get('a')).toBe('two');
  });

  test('versions are listed in pages and emptied by DeleteObjects', async () => {
    await enableVersioning();
    for (const key of ['a', 'b', 'c']) {
      await put(key, '1');
      await put(key, '2');
    }
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'b' }));
    const found: { Key: string; VersionId: string }[] = [];
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    let pages = 0;
    do {
      const page = await s3.send(
        new ListObjectVersionsCommand({
          Bucket: bucket,
          MaxKeys: 2,
          ...(KeyMarker === undefined ? {} : { KeyMarker, VersionIdMarker }),
        }),
      );
      pages += 1;
      for (const one of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        found.push({ Key: one.Key ?? '', VersionId: one.VersionId ?? '' });
      }
      KeyMarker = page.NextKeyMarker;
      VersionIdMarker = page.NextVersionIdMarker;
    } while (KeyMarker !== undefined);
    expect(pages).toBe(4);
    expect(found.map((one) => one.Key).sort()).toEqual(['a', 'a', 'b', 'b', 'b', 'c', 'c']);
    expect(new Set(found.map((one) => one.VersionId)).size).toBe(7);
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: found } }),
    );
    expect(Errors).toBeUndefined();
    expect(Deleted).toHaveLength(7);
    expect(Deleted?.filter((one) => one.DeleteMarker)).toHaveLength(1);
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  });
});

describe('DeleteObjects', () => {
  test('DeleteObjects says nothing of successes when quiet, and takes keys that XML must escape', async () => {
    await put('<&>"é', 'x');
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: '<&>"é' }], Quiet: true } }),
    );
    expect(Deleted).toBeUndefined();
    expect(await errorOf(get('<&>"é'))).toMatchObject({ name: 'NoSuchKey' });
  });

  test('DeleteObjects of nothing is malformed', async () => {
    expect(
      await errorOf(s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [] } }))),
    ).toMatchObject({ name: 'MalformedXML' });
  });
});

describe('lists', () => {
  test('lists go by the bytes of keys, in pages, with prefixes rolled up', async () => {
    const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'd', '\u{1f411}', '\uffee'];
    for (const key of keys) await put(key);
    const all = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    // U+FFEE comes before U+1F411 in UTF-8, and after it in UTF-16.
    expect(all.Contents?.map((one) => one.Key)).toEqual([
      'a',
      'b/1',
      'b/2',
      'b/c/3',
      'd',
      '\uffee',
      '\u{1f411}',
    ]);
    const rolled = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/', Prefix: '' }));
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
    expect(rolled.Contents?.map((one) => one.Key)).toEqual(['a', 'd', '\uffee', '\u{1f411}']);
    expect(rolled.KeyCount).toBe(5);
    const inside = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/', Prefix: 'b/' }));
    expect(inside.Contents?.map((one) => one.Key)).toEqual(['b/1', 'b/2']);
    expect(inside.CommonPrefixes).toEqual([{ Prefix: 'b/c/' }]);

    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          MaxKeys: 2,
          Delimiter: '/',
          ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
        }),
      );
      seen.push(
        ...(page.Contents ?? []).map((one) => one.Key),
        ...(page.CommonPrefixes ?? []).map((one) => one.Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(['a', 'b/', 'd', '\uffee', '\u{1f411}']);

    const url = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, StartAfter: 'd', EncodingType: 'url' }),
    );
    expect(url.Contents?.map((one) => one.Key)).toEqual(['%EF%BF%AE', '%F0%9F%90%91']);
    const older = await s3.send(new ListObjectsCommand({ Bucket: bucket, Marker: 'b/1', MaxKeys: 2 }));
    expect(older).toMatchObject({ IsTruncated: true, NextMarker: 'b/c/3' });
  });

  test('lists with a token that is none are refused', async () => {
    expect(
      await errorOf(s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: '!' }))),
    ).toMatchObject({ name: 'InvalidArgument', status: 400 });
  });
});

describe('what this S3 does not support', () => {
  test('what this S3 does not support is NotImplemented and named', async () => {
    await put('a');
    expect(
      await errorOf(s3.send(new PutObjectAclCommand({ Bucket: bucket, Key: 'a', ACL: 'public-read' }))),
    ).toMatchObject({
      name: 'NotImplemented',
      status: 501,
      message: expect.stringContaining('PUT object acl'),
    });
    expect(
      await errorOf(
        s3.send(
          new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'b', ServerSideEncryption: 'aws:kms' }),
        ),
      ),
    ).toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('x-amz-server-side-encryption: aws:kms'),
    });
    expect(
      await errorOf(
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'b', ACL: 'public-read' })),
      ),
    ).toMatchObject({ name: 'NotImplemented' });
  });
});

describe('unsigned requests', () => {
  test('unsigned requests read and write nothing', async () => {
    await put('secret', 'secret');
    const host = `Host: 127.0.0.1:${door.port}\r\nConnection: close\r\n`;
    const read = await exchange(door.port, `GET /${bucket}/secret HTTP/1.1\r\n${host}\r\n`);
    expect(read).toMatch(/^HTTP\/1\.1 403 /);
    expect(read).not.toContain('secret\n');
    await exchange(door.port, `PUT /${bucket}/secret HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\nx`);
    expect(await get('secret')).toBe('secret');
  });
});
