import { message, noContent } from './answer.ts';
import { isPrime, primesUpTo } from './primes.ts';
import { serve } from './serve.ts';
import { allSheep, removeSheep } from './table.ts';

/** The square root of the largest weight, 160,000,000,000 µg. */
const SIEVE_MAX = 400_000;

/** `DELETE /wolf`: eats the heaviest sheep whose weight is a prime number. A scan plus CPU. */
export const handler = serve(async () => {
  const [sheep, primes] = await Promise.all([allSheep(), primesUpTo(SIEVE_MAX)]);
  let prey: string | undefined;
  let heaviest = 0;
  for (const { tattoo, weight: digits } of sheep) {
    const weight = Number(digits);
    if (isPrime(weight, primes) && weight > heaviest) {
      prey = tattoo;
      heaviest = weight;
    }
  }
  if (prey === undefined) return message(404, 'No fitting sheep');
  return (await removeSheep(prey)) ? noContent() : message(409, `Sheep is not in the shed: ${prey}`);
});
