import type { AwsClients } from '../aws/clients.ts';
import type { CommandDeps } from '../model/command.ts';
import { type Deployment, functionNames } from '../model/deployment.ts';
import { withStep } from '../model/with-step.ts';
import { noteCalls, waitUntilApart } from '../spacing/wait-apart.ts';
import { probeApi } from './probe.ts';
import { createShedTables } from './shed-tables.ts';

/**
 * Calls all four routes of every runtime and checks the answers against the contract. No sheep is left behind.
 *
 * @throws ShedbenchError `probe-failed` (exit 3): the error of the first runtime that failed
 */
export async function probeDeployment(
  deployment: Deployment,
  session: { readonly clients: AwsClients },
  deps: CommandDeps,
): Promise<void> {
  const tables = createShedTables(session.clients, deps);
  const called = functionNames(deployment.runtimes);
  const probeAll = async (): Promise<void> => {
    await waitUntilApart(called, 'check', deps);
    await Promise.all(
      deployment.runtimes.map(async ({ runtime, apiUrl, tableName }) =>
        probeApi(
          { runtime, apiUrl },
          {
            table: await tables.open(tableName),
            emit: deps.emit,
            monotonicMs: deps.monotonicMs,
            sleep: deps.sleep,
            signal: deps.interrupt.first,
            ...(session.clients.target.kind === 'local'
              ? { patienceMs: 0, unreachableHint: 'shedbench local logs' }
              : {}),
          },
        ),
      ),
    );
  };
  try {
    await withStep({ id: 'probe', title: 'Asking every route whether it answers' }, deps.emit, probeAll);
  } finally {
    await noteCalls(called, 'check', deps);
  }
}
