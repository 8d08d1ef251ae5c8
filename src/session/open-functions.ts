import {
  describeFunction,
  type FunctionFacts,
  type FunctionReference,
  functionText,
  lambdaUrl,
  provisionedEnvironments,
  refuseUninvokable,
} from '../aws/function-facts.ts';
import { usageError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import type { ProgressEvent } from '../model/events.ts';
import { counted } from '../model/number-text.ts';
import type { Selector } from '../model/selector.ts';
import { describeTarget, isLocal, openSession, type Session } from './session.ts';

type FunctionWarning = Extract<ProgressEvent, { type: 'warning' }>;

/** A session, and functions that may be invoked in it. */
export interface FunctionSession extends Session {
  readonly accountId: string;
  /** The URL of Lambda's API, without a trailing slash. */
  readonly lambdaUrl: string;
  /** `facts` is undefined if the caller has no permission to read them. */
  readonly functions: readonly { readonly reference: FunctionReference; readonly facts?: FunctionFacts }[];
}

/**
 * Opens the target of functions: in the region of their ARNs, otherwise in that of the selector. Emits a note with the
 * target, and reads the facts about each function.
 *
 * @param ask `invoke`: refuses a function that this caller may not invoke; `read`: only its logs are read
 * @throws ShedbenchError `other-region` (exit 2), `no-such-function`, `access-denied`, and as `openSession`
 */
export async function openFunctions(
  references: readonly FunctionReference[],
  selector: Selector,
  deps: CommandDeps,
  ask: 'invoke' | 'read' = 'invoke',
): Promise<FunctionSession> {
  const region = regionOf(references, selector);
  const session = await openSession(
    { ...selector, local: isLocal(selector, deps), ...(region === undefined ? {} : { region }) },
    { startLocal: false },
    deps,
  );
  try {
    deps.emit({ type: 'note', message: describeTarget(session) });
    const functions = await Promise.all(
      references.map(async (reference) => {
        const facts = await describeFunction(reference, session.clients);
        if (ask === 'invoke') await refuseUninvokable(reference, session.clients);
        const environments = await provisionedEnvironments(reference, session.clients);
        const { accountId } = session.identity;
        for (const event of functionWarnings(reference, facts, environments, accountId)) deps.emit(event);
        return { reference, ...(facts === undefined ? {} : { facts }) };
      }),
    );
    return {
      ...session,
      accountId: session.identity.accountId,
      lambdaUrl: lambdaUrl(await session.clients.lambda(), session.target, deps.env),
      functions,
    };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** The region in the ARNs. If the selector also names one, both must be the same. @throws usageError `other-region` */
function regionOf(references: readonly FunctionReference[], selector: Selector): string | undefined {
  const named = [...new Set(references.flatMap(({ region }) => region ?? []))];
  const [region, other] = named;
  if (other !== undefined) {
    throw usageError(
      'other-region',
      `The functions are in several regions: ${named.join(', ')}.`,
      'Name functions of one region at a time',
    );
  }
  if (region !== undefined && selector.region !== undefined && region !== selector.region) {
    throw usageError(
      'other-region',
      `The function's ARN names ${region}, and --region ${selector.region}.`,
      'Leave --region out',
    );
  }
  return selector.region ?? region;
}

/**
 * The warnings about a function before it is loaded or reported.
 * @param facts undefined if the caller has no permission to read them
 * @param environments the number of its provisioned environments, if any
 * @param accountId the account of the credentials
 */
export function functionWarnings(
  reference: FunctionReference,
  facts: FunctionFacts | undefined,
  environments: number | undefined,
  accountId: string,
): FunctionWarning[] {
  const name = functionText(reference);
  const warnings: FunctionWarning[] = [];
  if (facts === undefined) {
    warnings.push({
      type: 'warning',
      code: 'function-not-described',
      message: `These credentials may not read the configuration of ${name} (lambda:GetFunctionConfiguration): its memory and architecture are unknown, and so is its price.`,
    });
  }
  if (reference.accountId !== undefined && reference.accountId !== accountId) {
    warnings.push({
      type: 'warning',
      code: 'other-account',
      message: `${name} is in account ${reference.accountId}, but these credentials are of ${accountId}: its log group can't be read, so a report has only the client's figures.`,
      hint: `shedbench report with credentials of ${reference.accountId}`,
    });
  }
  if (environments !== undefined) {
    warnings.push({
      type: 'warning',
      code: 'provisioned-concurrency',
      message: `${name} has ${counted(environments, 'provisioned environment')}: calls to them start warm, and the hourly price is in no figure.`,
    });
  }
  return warnings;
}
