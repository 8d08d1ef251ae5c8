import { randomInt } from 'node:crypto';
import { json, message } from './answer.ts';
import { serve } from './serve.ts';
import { addSheep } from './table.ts';
import { wholeNumber } from './whole-number.ts';

/** Micrograms: a sheep weighs 80 to 160 kg. */
const MIN_WEIGHT = 80_000_000_000;
const MAX_WEIGHT = 160_000_000_000;

/** `POST /sheeps/{tattoo}`: adds a sheep of a random weight. One small write. */
export const handler = serve(async ({ pathParameters }) => {
  const tattoo = wholeNumber(pathParameters?.tattoo);
  if (tattoo === undefined) {
    return message(400, 'tattoo must be a whole number from 0 to 18446744073709551615');
  }
  const weight = String(randomInt(MIN_WEIGHT, MAX_WEIGHT + 1));
  if (await addSheep({ tattoo, weight })) return json(201, `{"tattoo":${tattoo},"weight":${weight}}`);
  return message(400, `Sheep already in the shed: ${tattoo}`);
});
