import { describe, expect, test } from 'vitest';
import { prepareJava } from '../../../src/local/sandboxes/java-interpreter.ts';
import { launchOf } from '../../../src/local/sandboxes/runtimes.ts';

/** A machine with these Javas, by path. */
function host(javas: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) {
  return {
    env: { PATH: '/usr/local/bin:/usr/bin', ...env },
    run: async (command: string) => {
      const stdout = javas[command];
      return { ok: stdout !== undefined, stdout: stdout ?? '', lastLine: '' };
    },
  };
}

const JAVA_17 = 'openjdk 17.0.15 2025-04-15\nOpenJDK Runtime Environment\n';
const JAVA_25 = 'openjdk 25 2025-09-16\nOpenJDK Runtime Environment\n';

describe('the Java that runs functions', () => {
  test('the Java that runs functions is that of JAVA_HOME before those in PATH', async () => {
    const javas = { '/opt/jdk/bin/java': JAVA_25, '/usr/bin/java': JAVA_25 };
    expect(await prepareJava('java25', host(javas, { JAVA_HOME: '/opt/jdk' }))).toEqual({
      lambdaRuntime: 'java25',
      version: '25',
      path: '/opt/jdk/bin/java',
    });
  });

  test('the Java that runs functions is the first in PATH that is of that version or newer, by its absolute path', async () => {
    const javas = { '/usr/local/bin/java': JAVA_17, '/usr/bin/java': JAVA_25 };
    expect(await prepareJava('java21', host(javas))).toMatchObject({ version: '25', path: '/usr/bin/java' });
    expect(await prepareJava('java17', host(javas))).toMatchObject({ version: '17.0.15' });
  });

  test('the Java that runs functions is refused where there is none that is new enough, with what to do', async () => {
    await expect(prepareJava('java25', host({ '/usr/bin/java': JAVA_17 }))).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: "The local cloud can't run java25: java is 17.0.15; install Java 25, or set JAVA_HOME to it",
    });
    await expect(prepareJava('java25', host({}))).rejects.toThrow('there is no java in PATH');
  });
});

test("a Java function starts with the package's root and its jars as the class path, and four fifths of its memory as heap", () => {
  expect(
    launchOf({
      family: 'java',
      interpreterPath: '/opt/jdk/bin/java',
      handler: 'shed.Cat::handleRequest',
      memorySizeMB: 512,
      taskRoot: '/var/task',
      optDir: '/opt',
      entrypoint: undefined,
      bootstrapDir: '/runtime',
      execWrapper: undefined,
      trustStore: '/var/tmp/1/bundle.p12',
    }),
  ).toEqual({
    command: '/opt/jdk/bin/java',
    args: [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Xmx409m',
      '--enable-native-access=ALL-UNNAMED',
      '-Djavax.net.ssl.trustStore=/var/tmp/1/bundle.p12',
      '-cp',
      '/var/task:/var/task/lib/*:/opt/java/lib/*',
      'com.amazonaws.services.lambda.runtime.api.client.AWSLambda',
      'shed.Cat::handleRequest',
    ],
    searchPath: ['/opt/jdk/bin'],
  });
});
