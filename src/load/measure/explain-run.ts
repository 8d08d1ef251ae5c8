import { groupThousands } from '../../model/number-text.ts';
import { type Accounting, type LoadPlan, MAX_PARALLEL, type RunWarning } from '../../model/run.ts';
import { explainWireError } from '../wire/wire-error.ts';

const MAX_ERRORS_EXPLAINED = 3;
/** A share of late calls that is worth a word: a stall or two is in the latencies and needs none. */
const LATE_SHARE = 0.2;
/** More connections than are busy on average, since calls vary. */
const SPARE_CONNECTIONS = 1.25;

/** What a reader should know of a run that did not go smoothly, the gravest first. */
export function explainRun(run: {
  readonly plan: LoadPlan;
  readonly accounting: Accounting;
  /** Host and port. */
  readonly where: string;
  /** The error kind over which the load was given up. */
  readonly gaveUp: string | undefined;
  readonly tattoosExhausted: boolean;
  /** Failures to connect by kind, those among them that no call had to bear. */
  readonly connectErrors: Readonly<Record<string, number>>;
  /** Connections that were opened. */
  readonly opened: number;
  /** Mean of the attempts' service times, ms; 0 where nothing was answered. */
  readonly meanServiceMs: number;
}): RunWarning[] {
  const { accounting, plan, where } = run;
  const warnings: RunWarning[] = [];
  if (run.gaveUp !== undefined) {
    warnings.push({
      code: 'target-unreachable',
      message: `No connection to ${where} could be opened (${run.gaveUp}): the load was given up.`,
    });
  }
  const errors = Object.entries(accounting.attemptsByError).sort(([, a], [, b]) => b - a);
  for (const [kind, count] of errors.slice(0, MAX_ERRORS_EXPLAINED)) {
    const explanation = explainWireError(kind, where);
    warnings.push({
      code: `error-${kind}`,
      message: `${attempts(count)} ended in ${kind}${explanation === undefined ? '.' : `. ${explanation.message}`}`,
      ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }),
    });
  }
  const unborne = Object.entries(run.connectErrors).filter(([kind]) => !(kind in accounting.attemptsByError));
  for (const [kind, count] of unborne) {
    const explanation = explainWireError(kind, where);
    const others = run.opened > 0 ? '; the calls went over others.' : '.';
    warnings.push({
      code: `connect-${kind}`,
      message: `${groupThousands(count)} ${count === 1 ? 'connection' : 'connections'} to ${where} could not be opened (${kind})${others}`,
      ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }),
    });
  }
  const { apiGateway, lambda } = accounting.throttled;
  if (apiGateway > 0) {
    warnings.push({
      code: 'throttled-api-gateway',
      message: `${attempts(apiGateway)} ended refused by API Gateway's throttle (429).`,
      hint: 'A smaller -p or --rate, or a higher limit of the stage or the account.',
    });
  }
  if (lambda > 0) {
    warnings.push({
      code: 'refused-by-lambda',
      message: `${attempts(lambda)} ended refused by Lambda (500 Internal server error): as a rule its concurrency limit, else a missing permission.`,
      hint: "A smaller -p, or a higher concurrency limit: aws lambda get-account-settings shows the account's.",
    });
  }
  if (accounting.notSent > 0) {
    const planned = `${groupThousands(accounting.notSent)} planned ${accounting.notSent === 1 ? 'call was' : 'calls were'} not sent`;
    warnings.push({
      code: 'not-sent',
      ...(run.opened === 0
        ? { message: `${planned}: no connection was ever open.` }
        : {
            message: `${planned}: all ${plan.parallel} connections were in use.`,
            hint: connectionsHint(plan, run.meanServiceMs),
          }),
    });
  }
  const late = accounting.calls > 0 ? accounting.sentLate / accounting.calls : 0;
  if (accounting.notSent === 0 && late > LATE_SHARE && run.opened >= plan.parallel) {
    warnings.push({
      code: 'sent-late',
      message: `${Math.round(late * 100)} % of the calls were sent late, for all ${plan.parallel} connections were in use: the rate was not the planned one, and the wait is in the latencies.`,
      hint: connectionsHint(plan, run.meanServiceMs),
    });
  }
  if (run.tattoosExhausted) {
    warnings.push({
      code: 'tattoos-exhausted',
      message: 'The load ended before its time: the largest tattoo was used.',
      hint: '-s with a smaller number',
    });
  }
  return warnings;
}

/** Little's law: rate × time a call = calls in flight. */
function connectionsHint({ stages = [], parallel }: LoadPlan, meanServiceMs: number): string {
  const peakPerSecond = Math.max(0, ...stages.flatMap((stage) => [stage.fromPerSecond, stage.toPerSecond]));
  const busy = Math.ceil((peakPerSecond * meanServiceMs) / 1000);
  const wanted = Math.max(parallel * 2, Math.ceil(busy * SPARE_CONNECTIONS));
  const why =
    busy > parallel
      ? ` ${groupThousands(peakPerSecond)}/s at ${meanServiceMs < 100 ? meanServiceMs.toPrecision(2) : groupThousands(meanServiceMs)} ms a call keep ${groupThousands(busy)} busy.`
      : '';
  if (parallel === MAX_PARALLEL) return `A lower --rate: there are no more connections than these.${why}`;
  return `-p ${Math.min(MAX_PARALLEL, wanted)} allows more connections.${why}`;
}

function attempts(count: number): string {
  return `${groupThousands(count)} ${count === 1 ? 'attempt' : 'attempts'}`;
}
