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
import type { Selector } from '../model/selector.ts';
import { describeTarget, isLocal, openSession, type Session } from './session.ts';

type FunctionWarning = Extract<ProgressEvent, { type: 'warning' }>;

/** A session, with functions that may be invoked in it. */
export interface FunctionSession extends Session {
  readonly accountId: string;
  /** The URL of Lambda's API, without a slash at its end. */
  readonly lambdaUrl: string;
  /** `facts` is undefined where the caller may not ask about the function. */
  readonly functions: readonly { readonly reference: FunctionReference; readonly facts?: FunctionFacts }[];
}

/**
 * Opens the target of functions: in the region of their ARNs, else in that of the selector. Says which it is, and asks
 * Lambda about each function.
 *
 * @param ask `invoke`: refuses a function that this caller may not invoke; `read`: its logs alone are wanted
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

/** The one region that the ARNs name, which must be the selector's where that names one. @throws usageError `other-region` */
function regionOf(references: readonly FunctionReference[], selector: Selector): string | undefined {
  const named = [...new Set(references.flatMap(({ region }) => region ?? []))];
  const [region, other] = named;
  if (other !== undefined) {
    throw usageError(
      'other-region',
      `The functions stand in several regions: ${named.join(', ')}.`,
      'One region at a time',
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
 * What a person must know about a function before it is loaded or reported.
 * @param facts undefined if the caller may not ask about the function
 * @param environments how many provisioned environments it has, if any
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
      message: `What ${name} is may not be asked with these credentials (lambda:GetFunctionConfiguration): its memory and architecture are unknown, and so is its price.`,
    });
  }
  if (reference.accountId !== undefined && reference.accountId !== accountId) {
    warnings.push({
      type: 'warning',
      code: 'other-account',
      message: `${name} stands in account ${reference.accountId}, these credentials are of ${accountId}: its log group can't be read from here, so that a report has the client's figures alone.`,
      hint: `shedbench report with credentials of ${reference.accountId}`,
    });
  }
  if (environments !== undefined) {
    warnings.push({
      type: 'warning',
      code: 'provisioned-concurrency',
      message: `${name} has ${environments} provisioned environments: calls that they take start warm, and what they cost by the hour is in no figure.`,
    });
  }
  return warnings;
}
