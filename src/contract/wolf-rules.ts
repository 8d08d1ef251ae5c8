import { counted } from '../model/number-text.ts';
import type { ApiAnswer } from './api-client.ts';
import { bigShed } from './dog-rules.ts';
import {
  allHold,
  broken,
  describeAnswer,
  expectJson,
  expectStatus,
  held,
  type Rule,
  type RuleContext,
  skipped,
  type Verdict,
} from './rule.ts';
import {
  COMPOSITES,
  LARGEST_PRIME,
  LARGEST_PRIME_SQUARE,
  LIGHTEST,
  MIDDLE_PRIME,
  SMALLEST_PRIME,
} from './weights.ts';

const NO_FITTING = { message: 'No fitting sheep' };
/** How often two wolves are sent at once after one sheep. */
const RACES = 5;

/** The rules of DELETE /wolf: it eats the heaviest sheep of prime weight. */
export const WOLF_RULES: readonly Rule[] = [
  {
    id: 'wolf-empty-shed',
    title: 'DELETE /wolf finds nothing in an empty shed',
    route: 'wolf',
    check: async (context) => {
      await context.fillShed([]);
      return expectJson(await context.call('DELETE', '/wolf'), 404, NO_FITTING);
    },
  },
  {
    id: 'wolf-none-prime',
    title: 'DELETE /wolf finds nothing where no weight is prime, and eats nothing',
    route: 'wolf',
    check: async (context) => {
      await fill(context, COMPOSITES);
      const verdict = expectJson(await context.call('DELETE', '/wolf'), 404, NO_FITTING);
      return allHold(verdict, await expectLeft(context, COMPOSITES));
    },
  },
  {
    id: 'wolf-square-of-prime',
    title: `DELETE /wolf does not take ${LARGEST_PRIME_SQUARE} = 399989² for a prime`,
    route: 'wolf',
    check: async (context) => {
      await fill(context, [LARGEST_PRIME_SQUARE]);
      return expectJson(await context.call('DELETE', '/wolf'), 404, NO_FITTING);
    },
  },
  {
    id: 'wolf-only-one-prime',
    title: 'DELETE /wolf eats the only sheep of prime weight',
    route: 'wolf',
    check: (context) => checkMeals(context, [...COMPOSITES, SMALLEST_PRIME], [SMALLEST_PRIME]),
  },
  {
    id: 'wolf-heaviest-not-prime',
    title: 'DELETE /wolf takes the heaviest of the prime weights, though others are heavier',
    route: 'wolf',
    check: (context) => checkMeals(context, [...COMPOSITES, SMALLEST_PRIME, MIDDLE_PRIME], [MIDDLE_PRIME]),
  },
  {
    id: 'wolf-largest-prime',
    title: `DELETE /wolf eats ${LARGEST_PRIME}, the largest prime weight`,
    route: 'wolf',
    check: (context) => checkMeals(context, [...COMPOSITES, LARGEST_PRIME], [LARGEST_PRIME]),
  },
  {
    id: 'wolf-eats-one-by-one',
    title: 'DELETE /wolf eats one sheep per call, from the heaviest prime down, then none',
    route: 'wolf',
    check: async (context) => {
      const primes = [LARGEST_PRIME, MIDDLE_PRIME, SMALLEST_PRIME];
      const meals = await checkMeals(context, [...COMPOSITES, ...primes], primes);
      if (meals.status !== 'held') return meals;
      return expectJson(await context.call('DELETE', '/wolf'), 404, NO_FITTING);
    },
  },
  {
    id: 'wolf-pages',
    title: 'DELETE /wolf finds the one prime weight on the last scan page',
    route: 'wolf',
    check: checkPages,
  },
  {
    id: 'wolf-race',
    title: 'of two wolves sent at once for one sheep, one eats and the other gets 404 or 409',
    route: 'wolf',
    check: checkRace,
  },
  {
    id: 'wolf-conflict',
    title: 'DELETE /wolf answers 409 with the tattoo when another wolf was faster',
    route: 'wolf',
    check: async ({ raceAnswers }) => {
      const conflict = raceAnswers.find(({ status }) => status === 409);
      return conflict === undefined
        ? skipped("no race ended with a 409, and a deployed API can't be forced to one")
        : expectJson(conflict, 409, { message: 'Sheep is not in the shed: 1' });
    },
  },
];

async function fill(context: RuleContext, weights: readonly string[]): Promise<void> {
  await context.fillShed(weights.map((weight, index) => ({ tattoo: String(index + 1), weight })));
}

/** Fills the shed and sends one wolf per meal. Each wolf must answer 204 and eat the sheep whose weight is next. */
async function checkMeals(
  context: RuleContext,
  weights: readonly string[],
  meals: readonly string[],
): Promise<Verdict> {
  await fill(context, weights);
  const left = [...weights];
  let verdict: Verdict = held('');
  for (const meal of meals) {
    left.splice(left.indexOf(meal), 1);
    verdict = allHold(
      expectStatus(await context.call('DELETE', '/wolf'), 204),
      await expectLeft(context, left),
    );
    if (verdict.status !== 'held') return { ...verdict, detail: `${verdict.detail} (the meal was ${meal})` };
  }
  return held(`204, ${meals.join(', then ')} eaten, ${left.length} sheep left`);
}

/** Holds if the table contains exactly the sheep of these weights. */
async function expectLeft(context: RuleContext, weights: readonly string[]): Promise<Verdict> {
  const { sheep } = await context.table.scan('consistent');
  const found = sheep.map(({ weight }) => weight ?? 'none').sort();
  const expected = [...weights].sort();
  if (found.join() === expected.join()) return held(`${found.length} sheep left`);
  const gone = expected.filter((weight) => !found.includes(weight));
  return broken(
    `expected ${expected.length} sheep to be left, found ${found.length}` +
      (gone.length === 0 ? '' : `: ${gone.join(', ')} is gone`),
  );
}

async function checkPages(context: RuleContext): Promise<Verdict> {
  const { bigShed: size } = context.options;
  await context.fillShed(bigShed(size, LIGHTEST));
  const { sheep, pages } = await context.table.scan('consistent');
  const last = sheep.at(-1);
  if (pages < 2 || last === undefined) return skipped(`${sheep.length} sheep fit one scan page here`);
  // The order of a scan can't be predicted. So the sheep that came last is given the prime weight.
  await context.fillShed(
    bigShed(size, LIGHTEST).map((one) =>
      one.tattoo === last.tattoo ? { ...one, weight: LARGEST_PRIME } : one,
    ),
  );
  const answer = await context.call('DELETE', '/wolf');
  const eaten = (await context.table.read(last.tattoo)) === undefined;
  return allHold(
    expectStatus(answer, 204),
    eaten
      ? held(`204, eaten from page ${pages}`)
      : broken(`${answer.call}: 204, but sheep ${last.tattoo} is still there`),
  );
}

async function checkRace(context: RuleContext): Promise<Verdict> {
  const losers: number[] = [];
  for (let race = 0; race < RACES; race += 1) {
    await context.fillShed([{ tattoo: '1', weight: LARGEST_PRIME }]);
    const answers = await Promise.all([context.call('DELETE', '/wolf'), context.call('DELETE', '/wolf')]);
    context.raceAnswers.push(...answers);
    const verdict = judgeRace(answers);
    if (verdict !== undefined) return verdict;
    losers.push(...answers.map(({ status }) => status).filter((status) => status !== 204));
    const left = await expectLeft(context, []);
    if (left.status !== 'held') return left;
  }
  const conflicts = losers.filter((status) => status === 409).length;
  return held(
    `${RACES} races, one 204 each; the other got 404 ${counted(RACES - conflicts, 'time')}, 409 ${counted(conflicts, 'time')}`,
  );
}

function judgeRace(answers: readonly ApiAnswer[]): Verdict | undefined {
  const eaten = answers.filter(({ status }) => status === 204).length;
  const refused = answers.filter(({ status }) => status === 404 || status === 409).length;
  if (eaten === 1 && refused === 1) return undefined;
  return broken(`expected one 204 and one 404 or 409, got ${answers.map(describeAnswer).join(' and ')}`);
}
