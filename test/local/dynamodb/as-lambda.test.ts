import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callAfter, randomLatencyMs } from '../../../src/local/services/dynamodb/answer-delay.ts';
import { makeCertificate } from '../../../src/local/services/dynamodb/certificate.ts';
import { createDynamoDb, type DynamoDbParts } from '../../../src/local/services/dynamodb/service.ts';
import { writeTrustFiles } from '../../../src/local/services/dynamodb/trust-files.ts';
import { hasProgram } from '../../at-hand.ts';

const folder = mkdtempSync(join(tmpdir(), 'shedbench-tls-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a random latency', () => {
  const latencies = {
    dynamodbLatency: {
      Scan: [
        [0, 2],
        [0.5, 4],
        [1, 14],
      ] as const,
      PutItem: [[1, 7]] as const,
    },
    otherDynamodbLatency: [[1, 3]] as const,
  };

  test('a random latency is interpolated linearly between the measured points of its operation', () => {
    const at = (random: number) => randomLatencyMs(latencies, 'Scan', random);
    expect([0, 0.25, 0.5, 0.75, 0.999].map(at)).toEqual([2, 3, 4, 9, expect.closeTo(13.98)]);
  });

  test('a random latency is always the same where there is one point', () => {
    expect([0, 0.5, 0.99].map((random) => randomLatencyMs(latencies, 'PutItem', random))).toEqual([7, 7, 7]);
  });

  test('a random latency of an operation that is not named is that of the others', () => {
    expect(randomLatencyMs(latencies, 'ListTables', 0.3)).toBe(3);
  });

  test('a random latency below half a millisecond is not waited for', () => {
    let called = false;
    callAfter(0.4, () => {
      called = true;
    });
    expect(called).toBe(true);
  });
});

describe('the certificate', () => {
  // Its last day is in 2050, from which on a date has the long form. The database below has a certificate from now.
  const nowEpochMs = Date.UTC(2049, 11, 1);
  let server: X509Certificate;
  let authority: X509Certificate;
  beforeAll(async () => {
    const made = await makeCertificate(nowEpochMs);
    server = new X509Certificate(made.certificate);
    authority = new X509Certificate(made.authority);
  });

  test('the certificate is signed by its authority, for 127.0.0.1 and localhost', () => {
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('127.0.0.2')).toBeUndefined();
  });

  test('the certificate is valid for a year, and dated in the long form from 2050 on', () => {
    expect(Date.parse(server.validFrom)).toBe(nowEpochMs - 3_600_000);
    expect(Date.parse(server.validTo)).toBe(nowEpochMs + 365 * 86_400_000);
    const dates = server.raw.toString('latin1');
    expect(dates).toContain('\x17\x0d491130230000Z\x18\x0f20501201000000Z');
  });
});

describe('the files that functions trust', () => {
  test('the files that functions trust hold what the system trusts too', () => {
    const system = join(folder, 'system.pem');
    writeFileSync(system, 'SYSTEM');
    const trust = writeTrustFiles(join(folder, 'both'), 'OURS', [join(folder, 'missing.pem'), system]);
    expect(readFileSync(trust.bundleFile, 'utf8')).toBe('SYSTEM\nOURS');
    expect(readFileSync(trust.certificateFile, 'utf8')).toBe('OURS');
  });

  test('the files that functions trust hold the authority alone where the system has none', () => {
    const trust = writeTrustFiles(join(folder, 'one'), 'OURS', []);
    expect(readFileSync(trust.bundleFile, 'utf8').trim()).toBe('OURS');
  });
});

/** `java Connect.java` compiles the file, which needs the JDK. A machine with `java` alone may have only the runtime. */
const hasJdk = hasProgram('java') && hasProgram('javac');
/**
 * Connects twice: with the trust store that the command line names, then with that of Java. A new context reads the
 * property anew. One process does both, because a process that compiles takes a second of CPU.
 */
const CONNECT_JAVA = `
  import javax.net.ssl.*;
  public class Connect {
    public static void main(String[] args) throws Exception {
      int port = Integer.parseInt(args[0]);
      System.out.println(connect(port));
      System.clearProperty("javax.net.ssl.trustStore");
      System.out.println(connect(port));
    }
    static String connect(int port) throws Exception {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, null, null);
      try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
        socket.startHandshake();
        return "trusted " + socket.getSession().getPeerPrincipal();
      } catch (SSLHandshakeException error) {
        return error.getMessage();
      }
    }
  }`;

describe('a database that is like DynamoDB', () => {
  let database: DynamoDbParts;
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(folder, 'data-'));
    const children = { register: () => undefined, forget: () => undefined };
    database = await createDynamoDb(
      {
        accountId: '000000000000',
        region: 'us-east-1',
        dataDir,
        now: Date.now,
        log: () => undefined,
        children,
      },
      { accessKeyId: 'AKIADATABASE00000000', secretAccessKey: 'database' },
      () => undefined,
      { dynamodbLatency: { ListTables: [[1, 60]] }, otherDynamodbLatency: [[1, 0]] },
    );
  });
  afterAll(() => database.close?.());

  function client(ca: string | undefined): DynamoDBClient {
    return new DynamoDBClient({
      endpoint: database.control.endpoint,
      region: 'us-east-1',
      credentials: database.control.credentialsOf(7),
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ httpsAgent: new Agent(ca === undefined ? {} : { ca }) }),
    });
  }

  test('a database with DynamoDB’s latency answers over TLS, with the latency of the operation, and tells of the wait', async () => {
    const { control } = database;
    expect(control.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const told: { readonly operation: string; readonly ms: number }[] = [];
    control.watch((requests) => {
      for (const { environment, operation, startMs, endMs } of requests) {
        if (environment === 7) told.push({ operation, ms: endMs - startMs });
      }
    });
    const trusting = client(readFileSync(control.trust?.certificateFile ?? '', 'utf8'));
    await trusting.send(
      new CreateTableCommand({
        TableName: 'shed',
        AttributeDefinitions: [{ AttributeName: 'tattoo', AttributeType: 'N' }],
        KeySchema: [{ AttributeName: 'tattoo', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const { TableNames } = await trusting.send(new ListTablesCommand());
    trusting.destroy();
    expect(TableNames).toEqual(['shed']);
    await expect.poll(() => told.map(({ operation }) => operation)).toEqual(['CreateTable', 'ListTables']);
    expect(told[1]?.ms).toBeGreaterThan(59);
  });

  test('a database with DynamoDB’s latency has a certificate that is valid for a year from now, dated in the short form before 2050', () => {
    const authority = new X509Certificate(readFileSync(database.control.trust?.certificateFile ?? ''));
    expect(Math.abs(Date.parse(authority.validTo) - 365 * 86_400_000 - Date.now())).toBeLessThan(600_000);
    // Tag 17 and length 0d: 12 digits and a Z.
    expect(authority.raw.toString('hex')).toMatch(/170d(3\d){12}5a170d(3\d){12}5a/);
  });

  test('a database with DynamoDB’s latency is not trusted without its certificate', async () => {
    const wary = client(undefined);
    await expect(wary.send(new ListTablesCommand())).rejects.toThrow(/certificate/);
    wary.destroy();
  });

  test.runIf(hasJdk)(
    'a database with DynamoDB’s latency is trusted by Java, with the trust store beside the certificates',
    () => {
      const { endpoint, trust } = database.control;
      const source = join(folder, 'Connect.java');
      writeFileSync(source, CONNECT_JAVA);
      const trustStore = `-Djavax.net.ssl.trustStore=${trust?.storeFile ?? ''}`;
      const { stdout, stderr } = spawnSync(
        'java',
        ['-XX:TieredStopAtLevel=1', trustStore, source, new URL(endpoint).port],
        { encoding: 'utf8' },
      );
      expect(stderr).toBe('');
      expect(stdout.trim().split('\n')).toEqual([
        'trusted CN=127.0.0.1',
        expect.stringContaining('unable to find valid certification path'),
      ]);
    },
    60_000,
  );

  test('a database with DynamoDB’s latency answers the cloud itself at once', async () => {
    expect(await database.control.call('ListTables', {})).toEqual({ TableNames: expect.any(Array) });
  });
});
