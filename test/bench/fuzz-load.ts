import { fuzzAgainstUndici, fuzzResponses } from '../load/support/fuzz-responses.ts';

const DEFAULT_COUNT = 1_500_000;
const CHUNK = 50_000;
/** Of those, as many are held against undici as it can read in half a minute. */
const SHARE_FOR_UNDICI = 0.027;

const [seedText, countText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedText);
const count = countText === undefined ? DEFAULT_COUNT : Number(countText);
process.stdout.write(
  `seed ${seed}, ${count.toLocaleString('en-US')} responses (repeat: npm run fuzz:load -- ${seed} ${count})\n`,
);

const started = performance.now();
const totals: Record<string, number> = {};
for (let done = 0; done < count; done += CHUNK) {
  // Each chunk has a seed of its own, so that a fault is found again without what went before.
  const counts = fuzzResponses((seed + done) >>> 0, Math.min(CHUNK, count - done));
  for (const [outcome, number] of Object.entries(counts)) totals[outcome] = (totals[outcome] ?? 0) + number;
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${Object.entries(totals)
    .map(([outcome, number]) => `${outcome} ${number.toLocaleString('en-US')}`)
    .join(', ')}; ${seconds.toFixed(1)} s\n`,
);
const compared = await fuzzAgainstUndici(seed, Math.ceil(count * SHARE_FOR_UNDICI));
process.stdout.write(`${compared.toLocaleString('en-US')} of them judged alike by undici\n`);
