import type { RecordSource } from '../../../../src/local/insights/record.ts';
import { report, source } from '../fixture.ts';

/** Ten o'clock of the day from which the corpus's lines are. */
export const TEN_MS = Date.UTC(2026, 10, 1, 10);
/** When the corpus's queries are started. */
export const NOW_MS = TEN_MS + 3_600_000;

const ORDERS_A = '2026/11/01/[$LATEST]aaaa';
const ORDERS_B = '2026/11/01/[$LATEST]bbbb';
const STOCK = '2026/11/01/[7]cccc';

function id(name: string): string {
  return `${name.padEnd(8, '0')}-0000-4000-8000-000000000000`;
}

const at = (minute: number, second: number, ms = 0): number => TEN_MS + minute * 60_000 + second * 1_000 + ms;

/** A function that logs text: two cold starts, four warm calls, of which one fails and one times out. */
export const ORDERS: RecordSource = source('/aws/lambda/shop-orders', [
  { timestampMs: at(0, 0), stream: ORDERS_A, message: `START RequestId: ${id('a1')} Version: $LATEST\n` },
  {
    timestampMs: at(0, 0, 50),
    stream: ORDERS_A,
    message: `2026-11-01T10:00:00.050Z\t${id('a1')}\tINFO\torder 17 placed by alice for 12.50 EUR\n`,
  },
  { timestampMs: at(0, 0, 100), stream: ORDERS_A, message: `END RequestId: ${id('a1')}\n` },
  {
    timestampMs: at(0, 0, 100),
    stream: ORDERS_A,
    message: report({
      requestId: id('a1'),
      durationMs: '100.00',
      billedMs: 350,
      maxMemoryMB: 80,
      initMs: '250.00',
    }),
  },
  {
    timestampMs: at(1, 0),
    stream: ORDERS_A,
    message: `2026-11-01T10:01:00.000Z\t${id('a2')}\tINFO\torder 18 placed by bob for 7.25 EUR\n`,
  },
  {
    timestampMs: at(1, 0, 20),
    stream: ORDERS_A,
    message: report({ requestId: id('a2'), durationMs: '20.00', billedMs: 20, maxMemoryMB: 82 }),
  },
  {
    timestampMs: at(4, 59),
    stream: ORDERS_A,
    message: `2026-11-01T10:04:59.000Z\t${id('a3')}\tERROR\tInvoke Error\t{"errorType":"RangeError","errorMessage":"no such order"}\n`,
  },
  {
    timestampMs: at(4, 59, 31),
    stream: ORDERS_A,
    message: report({ requestId: id('a3'), durationMs: '30.50', billedMs: 31, maxMemoryMB: 85 }),
  },
  {
    timestampMs: at(5, 0),
    stream: ORDERS_B,
    message: report({
      requestId: id('b1'),
      durationMs: '120.00',
      billedMs: 320,
      maxMemoryMB: 79,
      initMs: '200.00',
    }),
  },
  {
    timestampMs: at(6, 30),
    stream: ORDERS_B,
    message: `2026-11-01T10:06:30.000Z ${id('b2')} Task timed out after 3.00 seconds\n\n`,
  },
  {
    timestampMs: at(6, 30),
    stream: ORDERS_B,
    message: report({
      requestId: id('b2'),
      durationMs: '3000.00',
      billedMs: 3000,
      maxMemoryMB: 128,
      status: 'timeout',
    }),
  },
  {
    timestampMs: at(59, 0),
    stream: ORDERS_A,
    message: report({ requestId: id('a4'), durationMs: '10.00', billedMs: 10, maxMemoryMB: 85 }),
  },
]);

/** A published version of a function that logs JSON lines, with 256 MB. */
export const STOCKS: RecordSource = source('/aws/lambda/shop-stock', [
  {
    timestampMs: at(2, 0),
    stream: STOCK,
    message: '{"level":"INFO","message":"checked","item":"apple","ms":12,"user":{"id":"u1"}}',
  },
  {
    timestampMs: at(2, 0, 15),
    stream: STOCK,
    message: report({
      requestId: id('c1'),
      durationMs: '15.00',
      billedMs: 15,
      memoryMB: 256,
      maxMemoryMB: 64,
    }),
  },
  {
    timestampMs: at(8, 0),
    stream: STOCK,
    message: '{"level":"WARN","message":"low","item":"pear","ms":30,"user":{"id":"u2"}}',
  },
  {
    timestampMs: at(8, 0, 40),
    stream: STOCK,
    message: report({
      requestId: id('c2'),
      durationMs: '40.00',
      billedMs: 40,
      memoryMB: 256,
      maxMemoryMB: 66,
    }),
  },
  {
    timestampMs: at(9, 0),
    stream: STOCK,
    message: '{"level":"INFO","message":"checked","item":"apple","ms":18,"user":{"id":"u1"}}',
  },
]);
