import { counted } from '../../model/number-text.ts';
import type { Accounting, LoadPlan, RunWarning, UnexpectedSample } from '../../model/run.ts';

/** Formats a number of attempts: `1 attempt`, `12 attempts`. */
export function attempts(count: number): string {
  return counted(count, 'attempt');
}

/**
 * Warnings about attempts that API Gateway or Lambda refused because of too many requests.
 * @param isLambda whether the requests surely go to Lambda. Other servers answer in the same way for reasons of their own.
 */
export function explainThrottling(
  { throttled }: Accounting,
  { invoke }: LoadPlan,
  isLambda: boolean,
): RunWarning[] {
  const warnings: RunWarning[] = [];
  if (throttled.apiGateway > 0) {
    warnings.push({
      code: 'throttled-api-gateway',
      message: isLambda
        ? `${attempts(throttled.apiGateway)} were refused by API Gateway's throttle (429).`
        : `${attempts(throttled.apiGateway)} were answered with 429, Too Many Requests.`,
      hint: isLambda
        ? 'A smaller -p or --rate, or a higher limit of the stage or the account.'
        : 'A smaller -p or --rate, or a higher limit of the server.',
    });
  }
  if (throttled.lambda > 0 && (isLambda || invoke !== undefined)) {
    warnings.push({
      code: 'refused-by-lambda',
      message:
        invoke === undefined
          ? `${attempts(throttled.lambda)} were refused by Lambda (500 Internal server error): usually because of its concurrency limit, otherwise because of a missing permission.`
          : `${attempts(throttled.lambda)} were refused by Lambda (429 TooManyRequestsException): more calls at once than the function or the account may run.`,
      hint: "A smaller -p, or a higher concurrency limit: aws lambda get-account-settings shows the account's.",
    });
  }
  return warnings;
}

/** Warnings about invoked functions that answered with an error, and about errors of Lambda itself. */
export function explainInvokes(
  { attemptsByStatus }: Accounting,
  { invoke }: LoadPlan,
  samples: readonly UnexpectedSample[],
): RunWarning[] {
  if (invoke === undefined) return [];
  const failed = attemptsByStatus['function-error'] ?? 0;
  const denied = attemptsByStatus['403'] ?? 0;
  const errors = samples.filter(({ status }) => status === 200).map(({ body }) => body);
  const timedOut = errors.some((body) => /Task timed out after/.test(body));
  return [
    ...(failed === 0
      ? []
      : [
          {
            code: 'function-errors',
            message: `${attempts(failed)} ended in an error of the function: ${errorText(errors[0] ?? '')}`,
            ...(timedOut
              ? {
                  hint: `It ran into its timeout of ${invoke.functionTimeoutMs / 1000} s. In a VPC, calls outward wait so where there is neither a NAT gateway nor a VPC endpoint`,
                }
              : { hint: "The function's log group has the stack" }),
          },
        ]),
    ...(denied === 0
      ? []
      : [
          {
            code: 'invoke-denied',
            message: `${attempts(denied)} were refused (403): ${errorText(samples.find(({ status }) => status === 403)?.body ?? '')}`,
            hint: 'Ask for the permission lambda:InvokeFunction on the function',
          },
        ]),
  ];
}

/** The error of an answer: `Error: no such table` from Lambda's JSON, otherwise the beginning of the text. */
function errorText(body: string): string {
  const member = (name: string) => new RegExp(`"${name}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`).exec(body)?.[1];
  const message = member('errorMessage') ?? member('[Mm]essage') ?? body.slice(0, 100);
  const type = member('errorType');
  return type === undefined ? message : `${type}: ${message}`;
}

/** A warning about redirects. A load does not follow them, because nobody would count those calls. */
export function explainRedirects(
  { attemptsByStatus }: Accounting,
  { requests }: LoadPlan,
  samples: readonly UnexpectedSample[],
): RunWarning[] {
  const isRedirect = (status: number) =>
    status >= 300 &&
    status < 400 &&
    status !== 304 &&
    !requests.every(({ expectedStatuses }) => expectedStatuses.includes(status));
  const counts = Object.entries(attemptsByStatus).filter(([status]) => isRedirect(Number(status)));
  const count = counts.reduce((sum, [, attemptsOf]) => sum + attemptsOf, 0);
  if (count === 0) return [];
  const [sample] = samples.filter(({ status }) => isRedirect(status));
  const location = /^Location: (.*)$/.exec(sample?.body ?? '')?.[1];
  return [
    {
      code: 'redirected',
      message: `${attempts(count)} were answered with a redirect (${counts.map(([status]) => status).join(', ')})${location === undefined ? '' : ` to ${location}`}; a load follows none.`,
      hint:
        location === undefined
          ? 'Load the address that it leads to'
          : `Load that address: --url ${location}; or --expect ${counts[0]?.[0] ?? '302'} if the redirect is the answer`,
    },
  ];
}
