import { usageError } from '../../errors.ts';
import type { LoadedRuns, LoadOptions } from '../../load/load-options.ts';
import { createLoadPlan } from '../../load/load-plan.ts';
import { type LoadJob, loadRuns } from '../../load/load-runs.ts';
import { readBody } from '../../load/read-body.ts';
import { requestExtras, signedPlan, startCalls } from '../../load/request-extras.ts';
import { roundsOf } from '../../load/rounds.ts';
import { signedRegion } from '../../load/signing-keys.ts';
import { baseOf, urlSubject } from '../../load/url-subject.ts';
import type { CommandDeps } from '../../model/command.ts';
import type { LoadPlan } from '../../model/run.ts';
import type { Subject } from '../../model/subject.ts';
import type { Target } from '../../model/target.ts';
import { openLoaders, refuseLoaders } from '../../session/open-loaders.ts';
import { withLoadMark } from '../../targets/running-loads.ts';

/** Loads the server at `address`. @throws ShedbenchError exit 2 for options that need functions */
export async function loadUrl(
  address: string,
  benchId: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  const server = await serverOf(address, options, deps);
  const plan = createLoadPlan({
    ...options,
    ...(server.subject === undefined ? {} : { subject: server.subject }),
  });
  return await loadServer(
    options.sigv4 ? signedPlan(plan, server.url) : plan,
    benchId,
    server,
    options,
    deps,
  );
}

async function loadServer(
  plan: LoadPlan,
  benchId: string,
  { url, subject }: { readonly url: string; readonly subject?: Subject },
  options: LoadOptions,
  deps: CommandDeps,
): Promise<LoadedRuns> {
  if (options.coldStarts !== undefined) {
    throw usageError(
      'cold-without-functions',
      '--cold forces cold starts of Lambda functions, and --url names a server.',
      'Leave --url out',
    );
  }
  const [runtime = 'server', ...others] = options.runtimes ?? [];
  if (others.length > 0) {
    throw usageError('one-server', '--url loads one server, so it takes at most one --runtime.');
  }
  const extras = await requestExtras(url, plan, options, await credentialsFor(url, options, deps), deps);
  const contents = subject?.requests.map(({ content }) => content);
  const job: LoadJob = {
    plan,
    runtime,
    url,
    insecure: options.insecure,
    ...(contents === undefined ? {} : { contents }),
    ...extras,
  };
  const rounds = roundsOf(plan, options.rounds, false);
  if (options.from === undefined) {
    startCalls(options, deps);
    const runs = await withLoadMark('load', deps, () =>
      loadRuns([job], { benchId, name: options.name, rounds }, deps),
    );
    return { runs, isPutBack: true };
  }
  refuseLoaders(plan, options);
  const { openSession } = await import('../../session/session.ts');
  const session = await openSession(options, { startLocal: false }, deps);
  try {
    const fleet = await openLoaders(plan, benchId, options, session, deps);
    const runs = await withLoadMark('load', deps, () =>
      loadRuns([{ ...job, ...fleet }], { benchId, name: options.name, rounds }, deps),
    );
    return { runs, isPutBack: true };
  } finally {
    session.close();
  }
}

/**
 * What a load with `--url` calls: a route of the shed, the requests of `--requests`, or one request.
 * @returns the base URL, and the subject if it is no route of the shed
 */
async function serverOf(
  address: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<{ readonly url: string; readonly subject?: Subject }> {
  const { route, requestsFile, request = {} } = options;
  if (route === undefined && requestsFile === undefined) {
    const { body, ...words } = request;
    return urlSubject(address, {
      ...words,
      ...(body === undefined ? {} : { body: await readBody('--body', body, deps.cwd) }),
    });
  }
  const url = new URL(address);
  if (url.search !== '') {
    throw usageError(
      'two-queries',
      `--url takes no query here, because the requests have their own.`,
      `--url ${baseOf(url)}`,
    );
  }
  if (requestsFile === undefined) return { url: baseOf(url) };
  // Imported only here, because it brings the YAML parser.
  const { readRequestsFile } = await import('../../load/requests-file.ts');
  return { url: baseOf(url), subject: await readRequestsFile(requestsFile, deps.cwd) };
}

/** The credentials that sign the requests of a load with `--sigv4`. Undefined without that option. */
async function credentialsFor(
  url: string,
  options: LoadOptions,
  deps: CommandDeps,
): Promise<Target | undefined> {
  if (!options.sigv4) return undefined;
  const { openCredentials } = await import('../../session/session.ts');
  const region = signedRegion(url) ?? options.region;
  const { profile } = options;
  return await openCredentials(
    { ...(region === undefined ? {} : { region }), ...(profile === undefined ? {} : { profile }) },
    deps,
  );
}
