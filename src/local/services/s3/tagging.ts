import { parseXml, type XmlNode, xmlChild, xmlText } from '../../protocols/xml.ts';
import { S3Error } from './s3-error.ts';

const MAX_OBJECT_TAGS = 10;
const MAX_BUCKET_TAGS = 50;

/** Parses the tags of a `<Tagging><TagSet><Tag>…` document. @throws S3Error `MalformedXML`, `InvalidTag` */
export function parseTagging(body: Buffer, kind: 'bucket' | 'object'): Record<string, string> {
  const root = parseXml(body.toString('utf8'));
  const set = xmlChild(root, 'TagSet');
  if (root.name !== 'Tagging' || set === undefined) {
    throw new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  return checkTags(set.children.map(tagOf), kind);
}

/** Parses the tags of a form-encoded `x-amz-tagging` header. @throws S3Error `InvalidTag` */
export function parseTaggingHeader(header: string | undefined): Record<string, string> {
  return checkTags([...new URLSearchParams(header ?? '')], 'object');
}

/** The content of a `<Tagging>` element. */
export function taggingContent(tags: Readonly<Record<string, string>>): object {
  return { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } };
}

function tagOf(node: XmlNode): [string, string] {
  return [xmlText(node, 'Key') ?? '', xmlText(node, 'Value') ?? ''];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
function checkTags(pairs: readonly [string, string][], kind: 'bucket' | 'object'): Record<string, string> {
  const limit = kind === 'bucket' ? MAX_BUCKET_TAGS : MAX_OBJECT_TAGS;
  if (pairs.length > limit) {
    throw new S3Error(
      'BadRequest',
      `${kind === 'bucket' ? 'Bucket' : 'Object'} tags cannot be greater than ${limit}`,
    );
  }
  const tags: Record<string, string> = Object.create(null);
  for (const [key, value] of pairs) {
    if (key === '' || key.length > 128)
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > 256) throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid');
    if (Object.hasOwn(tags, key))
      throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
    tags[key] = value;
  }
  return tags;
}
