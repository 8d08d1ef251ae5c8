import { readFileSync } from 'node:fs';
import { mutateBytes, mutateJson, mutateText, nested, pick, type Random } from './mutate.ts';

/** A request to be signed and sent. */
export interface FuzzRequest {
  readonly kind: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const TEMPLATES = ['api', 'assets'].map((name) =>
  readFileSync(new URL(`../../../templates/${name}.yaml`, import.meta.url), 'utf8'),
);

const SUB_BOMB = (levels: number): string =>
  JSON.stringify({
    Resources: { B: { Type: 'AWS::S3::Bucket', Properties: { BucketName: bomb(levels) } } },
  });

function bomb(level: number): unknown {
  if (level === 0) return 'x'.repeat(10);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are variables of Fn::Sub.
  return { 'Fn::Sub': ['${a}${a}${a}${a}${a}${a}${a}${a}', { a: bomb(level - 1) }] };
}

const QUERIES = [
  'fields @timestamp, @message | sort @timestamp desc | limit 20',
  'filter @type = "REPORT" | stats count(*), avg(@duration), max(@duration) by bin(5m)',
  'parse @message "REPORT RequestId: * Duration: * ms" as id, duration | stats avg(duration) by id',
  'parse @message /Duration: (?<d>\\d+\\.\\d+) ms/ | filter d > 5 | stats pct(d, 99)',
  'filter @message like /x+x+y/ | fields strlen(@message) as n | sort n desc',
  'parse @message "*b*b*b*b*b*c" as a, b, c, d, e, f | limit 5',
  'fields coalesce(@duration, 0) + 1 as x, if(x > 1, "a", "b") | dedup x',
];

const DYNAMO: readonly (readonly [string, unknown])[] = [
  ['PutItem', { TableName: 'fuzz', Item: { id: { S: 'a' }, n: { N: '1' } } }],
  ['GetItem', { TableName: 'fuzz', Key: { id: { S: 'a' } }, ConsistentRead: true }],
  [
    'Query',
    { TableName: 'fuzz', KeyConditionExpression: 'id = :v', ExpressionAttributeValues: { ':v': { S: 'a' } } },
  ],
  [
    'Scan',
    {
      TableName: 'fuzz',
      FilterExpression: '(n > :v) AND attribute_exists(id)',
      ExpressionAttributeValues: { ':v': { N: '0' } },
    },
  ],
  [
    'UpdateItem',
    {
      TableName: 'fuzz',
      Key: { id: { S: 'a' } },
      UpdateExpression: 'SET n = n + :v',
      ExpressionAttributeValues: { ':v': { N: '1' } },
    },
  ],
  [
    'DeleteItem',
    {
      TableName: 'fuzz',
      Key: { id: { S: 'a' } },
      ConditionExpression: 'n = :v',
      ExpressionAttributeValues: { ':v': { N: '1' } },
    },
  ],
  ['BatchWriteItem', { RequestItems: { fuzz: [{ PutRequest: { Item: { id: { S: 'b' } } } }] } }],
  ['DescribeTable', { TableName: 'fuzz' }],
];

const LOGS: readonly (readonly [string, unknown])[] = [
  ['DescribeLogGroups', { logGroupNamePrefix: '/aws', limit: 10 }],
  ['DescribeLogStreams', { logGroupName: '/fuzz', orderBy: 'LastEventTime' }],
  [
    'PutLogEvents',
    { logGroupName: '/fuzz', logStreamName: 's', logEvents: [{ timestamp: 0, message: 'x' }] },
  ],
  ['FilterLogEvents', { logGroupName: '/fuzz', filterPattern: '"x" -y', limit: 5 }],
  ['GetLogEvents', { logGroupName: '/fuzz', logStreamName: 's', startFromHead: true }],
  ['GetQueryResults', { queryId: '00000000-0000-0000-0000-000000000000' }],
];

const FORMS = [
  'Action=DescribeStacks&Version=2010-05-15&StackName=fuzz',
  'Action=ListStacks&Version=2010-05-15&StackStatusFilter.member.1=CREATE_COMPLETE',
  'Action=GetTemplateSummary&Version=2010-05-15&TemplateBody=x',
  'Action=DescribeStackEvents&Version=2010-05-15&StackName=fuzz',
];

const none = Buffer.alloc(0);
const target = (name: string) => ({ 'x-amz-target': name, 'content-type': 'application/x-amz-json-1.1' });
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };

function post(kind: string, service: string, headers: Record<string, string>, body: string): FuzzRequest {
  return { kind, service, method: 'POST', path: '/', headers, body: Buffer.from(body) };
}

function form(members: Readonly<Record<string, string>>): string {
  return new URLSearchParams({ Version: '2010-05-15', ...members }).toString();
}

/** One mutated request. `zip` is a good archive of a function's code. */
export function fuzzRequest(random: Random, zip: Buffer): FuzzRequest {
  const kind = random();
  if (kind < 0.25) {
    const [name, input] = pick(DYNAMO, random);
    return post('dynamodb', 'dynamodb', target(`DynamoDB_20120810.${name}`), mutateJson(input, random));
  }
  if (kind < 0.3) {
    const depth = Math.floor(random() * 2000);
    const condition = `${'('.repeat(depth)}n = :v${')'.repeat(depth)}`;
    const input = {
      TableName: 'fuzz',
      FilterExpression: condition,
      ExpressionAttributeValues: { ':v': { N: '1' } },
    };
    return post('brackets', 'dynamodb', target('DynamoDB_20120810.Scan'), JSON.stringify(input));
  }
  if (kind < 0.45) {
    const [name, input] = pick(LOGS, random);
    return post('logs', 'logs', target(`Logs_20140328.${name}`), mutateJson(input, random));
  }
  if (kind < 0.6) {
    const input = {
      logGroupNames: ['/fuzz'],
      startTime: 0,
      endTime: 4_000_000_000,
      queryString: mutateText(pick(QUERIES, random), random),
    };
    return post('query', 'logs', target('Logs_20140328.StartQuery'), JSON.stringify(input));
  }
  if (kind < 0.75) {
    const body =
      random() < 0.1
        ? `${pick(FORMS, random)}&A${'.b'.repeat(10 ** (1 + Math.floor(random() * 4)))}=1`
        : mutateText(pick(FORMS, random), random);
    return post('form', 'cloudformation', formHeaders, body);
  }
  if (kind < 0.85) return post('template', 'cloudformation', formHeaders, templateForm(random));
  if (kind < 0.9) {
    const path = `/fuzz/${Math.floor(random() * 20)}`;
    return { kind: 'zip', service: 's3', method: 'PUT', path, headers: {}, body: mutateBytes(zip, random) };
  }
  if (kind < 0.95) {
    const path = encodeURI(mutateText('/restapis/abc/resources/def?limit=5', random)).replaceAll('#', '%23');
    return {
      kind: 'path',
      service: pick(['s3', 'apigateway', 'lambda'], random),
      method: pick(['GET', 'PUT', 'DELETE'], random),
      path: `/${path.replace(/^\/+/, '')}`,
      headers: {},
      body: none,
    };
  }
  return post(
    'deep',
    pick(['logs', 'dynamodb', 'lambda'], random),
    target('Logs_20140328.DescribeLogGroups'),
    nested(10 ** (1 + Math.floor(random() * 5)), random),
  );
}

function templateForm(random: Random): string {
  const kind = random();
  const action = pick(['ValidateTemplate', 'GetTemplateSummary', 'CreateChangeSet'], random);
  const body =
    kind < 0.1
      ? SUB_BOMB(Math.floor(random() * 12))
      : kind < 0.2
        ? nested(10 ** (1 + Math.floor(random() * 4)), random)
        : mutateText(pick(TEMPLATES, random), random);
  const names = {
    StackName: `fuzz-${Math.floor(random() * 10)}`,
    ChangeSetName: 'c',
    ChangeSetType: 'CREATE',
  };
  return form({ Action: action, TemplateBody: body, ...(action === 'CreateChangeSet' ? names : {}) });
}
