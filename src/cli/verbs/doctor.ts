import type { Command } from 'commander';
import type { Host } from '../host.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type SelectorOptions,
  withOutput,
} from '../shared-options.ts';
import { toSelector } from '../to-options.ts';

/** Adds the verb `doctor`. */
export function addDoctor(program: Command, host: Host): void {
  const doctor = program
    .command('doctor')
    .description('check this machine and the AWS account, and say how to fix what does not work')
    .option('--region <region>', "the AWS region (default: the SDK's own chain)")
    .option('--profile <profile>', "the AWS profile (default: the SDK's own chain)");
  withOutput(doctor).action(async (options: OutputOptions & SelectorOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { doctor } = await import('../../commands/doctor.ts');
      const { renderDoctor } = await import('../../render/doctor.ts');
      const { exitCode, data } = await doctor(toSelector(options), deps);
      return { exitCode, data, text: renderDoctor };
    });
  });
  examples(doctor, ['shedbench doctor', 'shedbench doctor --profile work --region eu-west-3']);
}
