import { describe, expect, test } from 'vitest';
import { createLoadPlan } from '../../../src/load/load-plan.ts';
import { DecimalCounter } from '../../../src/load/wire/decimal-counter.ts';
import { createRequestSource } from '../../../src/load/wire/request-source.ts';

describe('a counter of decimal digits', () => {
  test.each(['0', '1', '9', '99', '999999', '9007199254740991', '18446744073709551000'])(
    'a counter of decimal digits agrees with BigInt from %s on, by steps of every size',
    (first) => {
      const counter = new DecimalCounter(first);
      let k = 0;
      for (const step of [0, 1, 1, 8, 1, 90, 9, 12345, 1, 0, 9_999_999, 1, 123_456_789_012]) {
        k += step;
        counter.advanceTo(k);
        const expected = (BigInt(first) + BigInt(k)).toString();
        expect(counter.toString()).toBe(expected);
        expect(counter.length).toBe(expected.length);
        const copy = Buffer.alloc(30, '.');
        counter.copyTo(copy, 3);
        expect(copy.toString()).toBe(`...${expected}`.padEnd(30, '.'));
      }
    },
  );

  test('a counter of decimal digits has no leading zeros', () => {
    expect(new DecimalCounter('0007').toString()).toBe('7');
    expect(new DecimalCounter('000').toString()).toBe('0');
  });
});

describe('requests', () => {
  const to = { basePath: '/v1', authority: 'api.test', userAgent: 'shedbench/1' };

  test('all connections share one buffer if all requests are equal', () => {
    const requests = createRequestSource(createLoadPlan({ route: 'wolf' }), to);
    const [a, b] = [requests.forConnection(), requests.forConnection()];
    expect(a.prepare(0)).toBe(b.prepare(1));
    expect(a.prepare(2).toString()).toBe(
      'DELETE /v1/wolf HTTP/1.1\r\nHost: api.test\r\nUser-Agent: shedbench/1\r\nAccept: application/json\r\n\r\n',
    );
  });

  test('each connection has its own buffer if requests contain a number, and the buffer contains the number of its latest call', () => {
    const requests = createRequestSource(createLoadPlan({ route: 'sheep', startAt: '8' }), to);
    const [a, b] = [requests.forConnection(), requests.forConnection()];
    const target = (bytes: Buffer) => bytes.toString().split(' ')[1];
    const first = a.prepare(0);
    expect(target(first)).toBe('/v1/sheeps/8');
    expect(target(b.prepare(1))).toBe('/v1/sheeps/9');
    expect(target(first)).toBe('/v1/sheeps/8');
    const longer = a.prepare(2);
    expect(target(longer)).toBe('/v1/sheeps/10');
    expect(a.prepare(3)).toBe(longer);
    expect(target(longer)).toBe('/v1/sheeps/11');
    expect(longer.toString()).toContain('\r\nContent-Length: 0\r\n\r\n');
  });
});
