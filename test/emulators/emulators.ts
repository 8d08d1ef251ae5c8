import { hasProgram } from '../at-hand.ts';

/** The steps of a whole use of the program, in order. */
export const STEPS = ['plan', 'deploy', 'probe', 'load', 'verify', 'report', 'teardown'] as const;
export type Step = (typeof STEPS)[number];

/** What a step comes to against an emulator. */
export type Ending =
  | 'works'
  /** The emulator differs from AWS, so that the step can not succeed there: the code of the error that is told. */
  | { readonly deviation: string; readonly code: string }
  /** Left out, since an earlier step that it needs deviates. */
  | { readonly leftOut: string };

/** An AWS-compatible endpoint that others wrote. */
export interface Emulator {
  readonly name: string;
  /** The version that the table of docs/compatibility.md speaks of. */
  readonly version: string;
  /** How the test gets one: a program that it starts, the URL of one that runs already, or the server of another test. */
  readonly start:
    | {
        readonly command: string;
        readonly args: (port: number) => readonly string[];
        readonly env: (port: number) => Readonly<Record<string, string>>;
        /** The path that answers once it is up. */
        readonly healthPath: string;
        readonly install: string;
      }
    | { readonly urlVariable: string }
    | { readonly usedBy: string };
  readonly endings: Readonly<Record<Step, Ending>>;
}

const ALL_WORK = {
  plan: 'works',
  deploy: 'works',
  probe: 'works',
  load: 'works',
  verify: 'works',
  report: 'works',
  teardown: 'works',
} as const;

/** moto, which one server serves for all tests of the installed commands. */
export const MOTO: Emulator = {
  name: 'moto',
  version: '5.2.5',
  start: { usedBy: 'test/e2e/moto.test.ts' },
  endings: {
    ...ALL_WORK,
    probe: {
      code: 'probe-failed',
      deviation:
        'has no data plane for REST APIs under `_aws/execute-api`, and runs functions only in Docker',
    },
    load: { leftOut: 'no API answers' },
    verify: { leftOut: 'no API answers' },
    report: { leftOut: 'no API answers' },
  },
};

export const EMULATORS: readonly Emulator[] = [
  MOTO,
  {
    name: 'ministack',
    version: '1.5.33',
    start: {
      command: 'ministack',
      args: () => [],
      env: (port) => ({ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1' }),
      healthPath: '/_ministack/health',
      install: 'pip install ministack',
    },
    endings: {
      ...ALL_WORK,
      verify: {
        code: 'broken: wolf-204-no-content-type',
        deviation: 'its API adds a Content-Type to a 204; the other 84 rules hold',
      },
      report: {
        code: 'incomplete',
        deviation: 'writes no REPORT lines',
      },
    },
  },
  {
    name: 'LocalStack',
    version: '',
    start: { urlVariable: 'SHEDBENCH_TEST_LOCALSTACK_URL' },
    endings: ALL_WORK,
  },
  {
    name: 'fakecloud',
    version: '',
    start: { urlVariable: 'SHEDBENCH_TEST_FAKECLOUD_URL' },
    endings: ALL_WORK,
  },
  {
    name: 'AWS Emulator',
    version: '',
    start: { urlVariable: 'SHEDBENCH_TEST_AWS_EMULATOR_URL' },
    endings: ALL_WORK,
  },
];

/** Undefined where the emulator can be used here; otherwise what to say in its place. */
export function whyAbsent({ start }: Emulator): string | undefined {
  if ('usedBy' in start) return `${start.usedBy} uses it`;
  if ('urlVariable' in start) {
    return process.env[start.urlVariable] ? undefined : `${start.urlVariable} is not set`;
  }
  return hasProgram(start.command) ? undefined : `${start.command} is not installed: ${start.install}`;
}

/** What a command showed of itself. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command with `--json` came to: `works`, or the code of what it told instead. */
export function endingOf(command: string, { exitCode, stdout, stderr }: Outcome): string {
  if (exitCode === 0) return 'works';
  const told = /"type":"error","code":"([\w-]+)"/.exec(stderr)?.[1];
  if (told !== undefined) return told;
  // A report that is short, or a broken rule, is a result and not an error.
  if (exitCode === 1 && command === 'report' && stdout !== '') return 'incomplete';
  if (exitCode === 1 && command === 'verify' && stdout !== '') return `broken: ${brokenRules(stdout)}`;
  return `exit ${exitCode}: ${stderr.slice(-600)}`;
}

/** The expected ending in the words of `endingOf`. */
export function textOf(ending: Ending): string {
  if (ending === 'works') return 'works';
  return 'leftOut' in ending ? 'left out' : ending.code;
}

function brokenRules(json: string): string {
  const { runtimes } = JSON.parse(json) as {
    readonly runtimes: readonly {
      readonly rules: readonly { readonly id: string; readonly status: string }[];
    }[];
  };
  return runtimes
    .flatMap(({ rules }) => rules.filter(({ status }) => status === 'broken').map(({ id }) => id))
    .join(', ');
}
