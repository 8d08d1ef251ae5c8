import type { ApiAnswer } from './api-client.ts';
import {
  allHold,
  broken,
  describeAnswer,
  expectJson,
  expectStatus,
  held,
  parseJson,
  type Rule,
  type RuleContext,
  type Verdict,
} from './rule.ts';
import { HEAVIEST, LIGHTEST, MIDDLE } from './weights.ts';

const LARGEST_TATTOO = '18446744073709551615';
/** The attributes of a stored sheep, with their DynamoDB types. */
const STORED_ATTRIBUTES = 'tattoo (N), weight (N)';
/**
 * The number of sheep in the rule about the distribution of weights. With fair weights, the chance that all of them lie
 * on one side of the middle is below 1 in 8 million.
 */
const SAMPLES = 24;

/**
 * Tattoos that must be accepted: an id, what is special about it, the last segment of the path, and the number that it
 * stands for.
 */
const ACCEPTED: readonly (readonly [id: string, what: string, segment: string, tattoo: string])[] = [
  ['plain', 'an ordinary tattoo', '1', '1'],
  ['zero', 'tattoo 0', '0', '0'],
  ['largest', 'tattoo 2^64−1, exact in answer and table', LARGEST_TATTOO, LARGEST_TATTOO],
  ['beyond-doubles', 'tattoo 2^53+1, exact in answer and table', '9007199254740993', '9007199254740993'],
  ['leading-zeros', 'leading zeros, which are dropped', '007', '7'],
  ['20-digits', '20 digits with leading zeros', '00000000000000000042', '42'],
];

/**
 * Tattoos that must be refused with 400: an id, what is wrong with it, and the last segment of the path as it is sent.
 */
const REFUSED: readonly (readonly [id: string, what: string, segment: string])[] = [
  ['2-64', 'tattoo 2^64', '18446744073709551616'],
  ['21-digits', '21 digits', '100000000000000000000'],
  ['21-digits-of-zeros', '21 digits, zeros among them', '000000000000000000001'],
  ['plus-sign', 'a plus sign', '+5'],
  ['encoded-plus-sign', 'an encoded plus sign', '%2B5'],
  ['minus-sign', 'a minus sign', '-1'],
  ['exponent', '1e3', '1e3'],
  ['fraction', '1.5', '1.5'],
  ['leading-space', 'a space before the digits', '%205'],
  ['trailing-space', 'a space behind the digits', '5%20'],
  ['trailing-newline', 'a newline behind the digits', '5%0A'],
  ['only-space', 'a space alone', '%20'],
  ['hexadecimal', '0x10', '0x10'],
  ['underscore', '1_0', '1_0'],
  ['letters', 'letters', 'dolly'],
  ['arabic-digits', 'Arabic-Indic digits (٥)', '%D9%A5'],
  ['full-width-digits', 'full-width digits (５)', '%EF%BC%95'],
  ['devanagari-digits', 'Devanagari digits (५)', '%E0%A5%AB'],
];

/** The rules of POST /sheeps/{tattoo}: it adds a sheep, only once, with a fair random weight. */
export const SHEEP_RULES: readonly Rule[] = [
  ...ACCEPTED.map(
    ([id, what, segment, tattoo]): Rule => ({
      id: `sheep-accepts-${id}`,
      title: `POST /sheeps/{tattoo} accepts ${what}`,
      route: 'sheep',
      check: (context) => checkAccepted(context, `/sheeps/${segment}`, tattoo),
    }),
  ),
  ...REFUSED.map(
    ([id, what, segment]): Rule => ({
      id: `sheep-refuses-${id}`,
      title: `POST /sheeps/{tattoo} refuses ${what}`,
      route: 'sheep',
      check: async (context) => {
        await context.table.clear();
        const answer = await context.call('POST', `/sheeps/${segment}`);
        const { sheep } = await context.table.scan('consistent');
        const stored = sheep.map(({ tattoo }) => tattoo).join(', ');
        return allHold(
          expectStatus(answer, 400),
          sheep.length === 0
            ? held(`${answer.call}: 400`)
            : broken(`${answer.call}: the shed now holds ${stored}`),
        );
      },
    }),
  ),
  {
    id: 'sheep-refuses-empty',
    title: 'POST /sheeps/{tattoo} refuses an empty tattoo',
    route: 'sheep',
    // The request reaches no function: API Gateway has no resource for this path.
    check: async ({ call }) => expectStatus(await call('POST', '/sheeps/'), 400, 403),
  },
  {
    id: 'sheep-stores',
    title: 'the table holds the tattoo and the weight of the answer, as numbers, and nothing else',
    route: 'sheep',
    check: checkStored,
  },
  {
    id: 'sheep-duplicate',
    title: 'POST /sheeps/{tattoo} refuses a tattoo that is in the shed, and names it',
    route: 'sheep',
    check: checkDuplicate,
  },
  {
    id: 'sheep-duplicate-keeps',
    title: 'a refused duplicate leaves the sheep as it was',
    route: 'sheep',
    check: async (context) => {
      await addSheepSeven(context);
      const answer = await context.call('POST', '/sheeps/7');
      const after = await context.table.read('7');
      return after?.weight === LIGHTEST
        ? held(`${answer.call}: weight still ${LIGHTEST}`)
        : broken(
            `${answer.call}: expected weight ${LIGHTEST} in the table, got ${after?.weight ?? 'no sheep'}`,
          );
    },
  },
  {
    id: 'sheep-demo-path',
    title: 'POST /sheep/{tattoo}, the path of the original demo, houses a sheep as well',
    route: 'sheep',
    check: (context) => checkAccepted(context, '/sheep/8', '8'),
  },
  {
    id: 'sheep-race',
    title: 'of two sheep with the same tattoo sent at once, one is added and one is refused',
    route: 'sheep',
    check: async (context) => {
      await context.table.clear();
      const answers = await Promise.all([
        context.call('POST', '/sheeps/9'),
        context.call('POST', '/sheeps/9'),
      ]);
      const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
      return statuses[0] === 201 && statuses[1] === 400
        ? held('one 201, one 400')
        : broken(`expected one 201 and one 400, got ${statuses.join(' and ')}`);
    },
  },
  {
    id: 'sheep-weights',
    title: `weights are whole micrograms from ${LIGHTEST} to ${HEAVIEST}, all different, on both sides of the middle`,
    route: 'sheep',
    check: checkWeights,
  },
];

/** Empties the shed and adds only sheep 7. No scan follows, so there is no need to wait for one to be consistent. */
async function addSheepSeven({ table }: RuleContext): Promise<void> {
  await table.clear();
  await table.put([{ tattoo: '7', weight: LIGHTEST }]);
}

/** Reads the two numbers of an answer as text, because JSON.parse would round a large tattoo. */
function numbersOf(answer: ApiAnswer): { tattoo: string | undefined; weight: string | undefined } {
  return {
    tattoo: /"tattoo"\s*:\s*(\d+)\s*[,}]/.exec(answer.body)?.[1],
    weight: /"weight"\s*:\s*(\d+)\s*[,}]/.exec(answer.body)?.[1],
  };
}

function checkBody(answer: ApiAnswer, tattoo: string): Verdict {
  const body = parseJson(answer.body);
  const keys = typeof body === 'object' && body !== null ? Object.keys(body).sort().join() : '';
  const exact = keys === 'tattoo,weight' && numbersOf(answer).tattoo === tattoo;
  return answer.status === 201 && exact
    ? held(`${answer.call}: ${describeAnswer(answer)}`)
    : broken(`${answer.call}: expected 201 {"tattoo":${tattoo},"weight":…}, got ${describeAnswer(answer)}`);
}

async function checkAccepted(context: RuleContext, path: string, tattoo: string): Promise<Verdict> {
  await context.table.clear();
  const answer = await context.call('POST', path);
  const body = checkBody(answer, tattoo);
  if (body.status !== 'held') return body;
  const { sheep } = await context.table.scan('consistent');
  const stored = sheep.map((one) => one.tattoo).join(', ');
  return stored === tattoo
    ? body
    : broken(
        `${answer.call}: expected tattoo ${tattoo} in the table, got ${stored === '' ? 'none' : stored}`,
      );
}

async function checkStored(context: RuleContext): Promise<Verdict> {
  await context.table.clear();
  const answer = await context.call('POST', '/sheeps/1234567890');
  const { weight } = numbersOf(answer);
  const stored = await context.table.read('1234567890');
  const types = Object.entries(stored?.attributeTypes ?? {})
    .map(([name, type]) => `${name} (${type})`)
    .sort()
    .join(', ');
  if (stored === undefined)
    return broken(`${answer.call}: ${describeAnswer(answer)}, but the table has no such sheep`);
  if (types !== STORED_ATTRIBUTES) {
    return broken(`expected the attributes ${STORED_ATTRIBUTES} in the table, got ${types}`);
  }
  return stored.weight === weight
    ? held(`weight ${weight} in answer and table`)
    : broken(`the answer says weight ${weight}, the table ${stored.weight}`);
}

async function checkDuplicate(context: RuleContext): Promise<Verdict> {
  await addSheepSeven(context);
  const duplicate = { message: 'Sheep already in the shed: 7' };
  return allHold(
    expectJson(await context.call('POST', '/sheeps/7'), 400, duplicate),
    expectJson(await context.call('POST', '/sheeps/007'), 400, duplicate),
  );
}

async function checkWeights(context: RuleContext): Promise<Verdict> {
  await context.table.clear();
  const weights: bigint[] = [];
  for (let tattoo = 1; tattoo <= SAMPLES; tattoo += 1) {
    const answer = await context.call('POST', `/sheeps/${tattoo}`);
    const { weight } = numbersOf(answer);
    if (weight === undefined) {
      return broken(`${answer.call}: expected a whole number as weight, got ${describeAnswer(answer)}`);
    }
    weights.push(BigInt(weight));
  }
  const outside = weights.find((weight) => weight < BigInt(LIGHTEST) || weight > BigInt(HEAVIEST));
  if (outside !== undefined) return broken(`weight ${outside} is outside ${LIGHTEST} to ${HEAVIEST}`);
  const distinct = new Set(weights).size;
  if (distinct < SAMPLES) return broken(`${SAMPLES} sheep have ${distinct} different weights`);
  const above = weights.filter((weight) => weight > BigInt(MIDDLE)).length;
  if (above === 0 || above === SAMPLES) {
    return broken(`all ${SAMPLES} weights are ${above === 0 ? 'below' : 'above'} ${MIDDLE}`);
  }
  return held(`${SAMPLES} different weights, ${above} of them above the middle`);
}
