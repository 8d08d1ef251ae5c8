import { ackermann } from './ackermann.ts';
import { json, message } from './answer.ts';
import { serve } from './serve.ts';
import { wholeNumberUpTo } from './whole-number.ts';

const MAX_M = 4;
const MAX_N = 50_000;

/** `GET /cat`: evaluates the 2-ary Ackermann function. Pure CPU; imports no SDK. */
export const handler = serve(({ queryStringParameters }) => {
  const m = wholeNumberUpTo(queryStringParameters?.m, MAX_M);
  if (m === undefined) return message(400, 'm must be a whole number from 0 to 4');
  const n = wholeNumberUpTo(queryStringParameters?.n, MAX_N);
  if (n === undefined) return message(400, 'n must be a whole number from 0 to 50000');
  return json(200, `{"result":${ackermann(m, n)}}`);
});
