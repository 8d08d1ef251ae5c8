import { expect, test } from 'vitest';
import { GATEWAY_JUDGE, invokeJudge } from '../../../src/load/measure/answer-origin.ts';

test.each([
  // API Gateway's own, by status alone.
  [403, '{"message":"Missing Authentication Token"}', undefined, 'gateway'],
  [429, '{"message":"Too Many Requests"}', undefined, 'gateway'],
  // A function ran, and failed or took too long.
  [502, '{"message": "Internal server error"}', 'InternalServerErrorException', 'handler'],
  [504, '{"message": "Endpoint request timed out"}', undefined, 'handler'],
  // 500: by its message.
  [500, '{"message": "Internal server error"}', undefined, 'gateway'],
  [500, '{"message":"Internal server error"}', 'InternalServerErrorException', 'gateway'],
  [500, '{"message":"Server error"}', undefined, 'handler'],
  [500, '{ "message" : "server error" }', undefined, 'handler'],
  [500, '{"message":"Something else"}', undefined, 'unknown'],
  [500, '<html>oops</html>', undefined, 'unknown'],
  [500, '', undefined, 'unknown'],
  // 400: the validator's message, or the handler's.
  [400, '{"message": "Missing required request parameters: [m]"}', undefined, 'gateway'],
  [400, '{"message":"Missing required request parameters: [m, n]"}', 'BadRequestException', 'gateway'],
  [400, '{"message":"Sheep already in the shed: 7"}', undefined, 'handler'],
  [400, '{"message":"a \\"quoted\\" reason"}', undefined, 'handler'],
  [400, 'Bad Request', undefined, 'unknown'],
  // The rest: only what the header gives away.
  [404, '{"message":"No fitting sheep"}', undefined, 'unknown'],
  [404, '{"message":"Not Found"}', 'NotFoundException', 'gateway'],
  [503, '', undefined, 'unknown'],
] as const)(
  'an answer of status %d with body %s and error type %s is of origin %s',
  (status, body, errorType, origin) => {
    expect(GATEWAY_JUDGE.originOf({ status, body, errorType })).toBe(origin);
  },
);

test.each([
  [500, '{"message": "Internal server error"}', true],
  [500, '{"message":"Server error"}', false],
  [502, '{"message": "Internal server error"}', false],
] as const)(
  'whether an answer of status %d with body %s is a refusal of Lambda: %s',
  (status, body, expected) => {
    expect(GATEWAY_JUDGE.isLambdaRefusal({ status, body })).toBe(expected);
  },
);

test.each([
  // The function ran and failed.
  [1000, '{"errorType":"Error"}', undefined, 'handler'],
  // Lambda's own answers: no function ran.
  [
    429,
    '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}',
    'TooManyRequestsException',
    'gateway',
  ],
  [403, '{"Message":"not authorized"}', 'AccessDeniedException', 'gateway'],
  [502, '{"Message":"EC2 is throttling"}', 'EC2ThrottledException', 'gateway'],
  // What stands in between says nothing of the function.
  [502, '<html>', undefined, 'unknown'],
] as const)('%d %s (%s) to an Invoke is of origin %s', (status, body, errorType, origin) => {
  expect(invokeJudge(3000).originOf({ status, body, errorType })).toBe(origin);
});

test('a call of a function that was given up may run on for the timeout of the function', () => {
  expect(invokeJudge(900_000).mayRunOnMs).toBe(905_000);
});
