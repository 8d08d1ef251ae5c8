import type { LocalCloudView } from '../model/local-cloud.ts';
import { counted } from '../model/number-text.ts';

/** Renders a local cloud's state in a few lines. The last one ends in a line break. */
export function renderLocalStatus(view: LocalCloudView): string {
  const lines = [headline(view)];
  if (view.state !== 'down') {
    lines.push(`  region    ${view.region} (account ${view.accountId})`, `  log       ${view.logFile}`);
  }
  if (view.machine !== undefined) {
    const { cpuModel, cores, memoryMiB, os, nodeVersion, interpreters, asLambda } = view.machine;
    lines.push(
      `  machine   ${cpuModel}, ${counted(cores, 'core')}, ${Math.round(memoryMiB / 1024)} GiB, ${os}`,
    );
    lines.push(`  Node      ${nodeVersion}`);
    for (const [runtime, version] of Object.entries(interpreters)) {
      lines.push(`  runtime   ${runtime} is ${version}`);
    }
    lines.push(
      asLambda === undefined
        ? '  CPU       full speed, not in proportion to memory as on Lambda'
        : `  CPU       in proportion to memory, as on Lambda (control groups, version ${asLambda.controlGroupVersion})`,
      ...(asLambda === undefined ? [] : [`  DynamoDB  over TLS, latency ${asLambda.dynamodbLatency}`]),
    );
  }
  return `${lines.join('\n')}\n`;
}

function headline(view: LocalCloudView): string {
  switch (view.state) {
    case 'up':
      return `The local cloud ${view.action === 'started' ? 'started' : view.action === 'found' ? 'was up already' : 'is up'}: ${view.endpoint} (process ${view.pid})`;
    case 'unresponsive':
      return `The local cloud does not answer, although its process ${view.pid} runs: shedbench local stop`;
    case 'down':
      if (view.action === 'stopped') return `The local cloud is stopped (was ${view.endpoint}).`;
      return view.stale === true
        ? 'The local cloud has ended and left its state file, which the next start removes.'
        : 'No local cloud runs for this folder.';
  }
}
