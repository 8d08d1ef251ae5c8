import { expect, test } from 'vitest';
import { answerOrigin, isLambdaRefusal } from '../../../src/load/measure/answer-origin.ts';

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
] as const)('%d %s (%s): %s', (status, body, errorType, origin) => {
  expect(answerOrigin(status, body, errorType)).toBe(origin);
});

test.each([
  [500, '{"message": "Internal server error"}', true],
  [500, '{"message":"Server error"}', false],
  [502, '{"message": "Internal server error"}', false],
] as const)("%d %s is Lambda's refusal: %s", (status, body, expected) => {
  expect(isLambdaRefusal(status, body)).toBe(expected);
});
