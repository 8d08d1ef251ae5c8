import { runChaos } from '../chaos/chaos.ts';

/** How long a run may take; beyond it no further cycle begins. */
const LIMIT_MS = 10 * 60_000;

const [killsText = '200', seedText] = process.argv.slice(2);
const kills = Number(killsText);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedText);
process.stdout.write(`seed ${seed}, ${kills} kills (repeat: npm run chaos -- ${kills} ${seed})\n`);
const started = performance.now();
const result = await runChaos(seed, kills, started + LIMIT_MS, (line) => process.stdout.write(`${line}\n`));
const seconds = ((performance.now() - started) / 1000).toFixed(0);
for (const fault of result.faults) process.stdout.write(`FAULT  ${fault}\n`);
const targets = Object.entries(result.killsByTarget).map(([target, count]) => `${target} ${count}`);
process.stdout.write(
  `${result.kills} kills met a living target (${targets.join(', ')}), ${result.misses} came too late; ${result.faults.length} faults; ${seconds} s\n`,
);
process.exitCode = result.faults.length > 0 || result.kills < kills ? 1 : 0;
