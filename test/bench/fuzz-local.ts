import { fuzzOwnCloud } from '../local/fuzz/setup.ts';

const [countText = '100000', seedText] = process.argv.slice(2);
const count = Number(countText);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedText);
process.stdout.write(`seed ${seed}, ${count} inputs (repeat: npm run fuzz:local -- ${count} ${seed})\n`);
const started = performance.now();
const result = await fuzzOwnCloud(seed, count, { answerMs: 1_000, memoryMiB: 768 });
for (const [name, number] of Object.entries(result.answers).sort())
  process.stdout.write(`${name}: ${number}\n`);
for (const fault of result.faults) process.stdout.write(`FAULT  ${fault}\n`);
process.stdout.write(
  `slowest answer ${result.slowestMs.toFixed(0)} ms, at most ${result.peakMiB?.toFixed(0) ?? '?'} MiB, ${result.faults.length} faults; ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
);
process.exitCode = result.faults.length > 0 ? 1 : 0;
