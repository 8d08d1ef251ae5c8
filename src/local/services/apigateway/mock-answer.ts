import type { MockIntegration } from '../../api-gateway-control.ts';
import { quotedText, RESPONSE_HEADER } from './integration.ts';

/** The answer of API Gateway for a mock integration. */
export type MockAnswer =
  /**
   * `headers` are alternating names and values. The body is always empty, because response templates are not emulated.
   */
  | { readonly kind: 'answer'; readonly status: number; readonly headers: readonly string[] }
  /** No request template matches the media type, and the passthrough behavior rejects such requests. */
  | { readonly kind: 'no-template' }
  /** The mapped request contains no `statusCode`, or the method has no integration response. */
  | { readonly kind: 'not-configured' };

const DEFAULT_MEDIA_TYPE = 'application/json';
/** API Gateway also accepts names without quotes, as in `{ statusCode: 204 }`. */
const STATUS_CODE = /["']?statusCode["']?\s*:\s*["']?\d{3}\b/;

/**
 * Answers a mock integration. The request template of the media type, or without one the unchanged body, must contain a
 * status. The integration response without a selection pattern is then the answer, whatever the status is.
 * @param contentType of the request; without one a request counts as `application/json`
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
 */
export function mockAnswer(
  { requestTemplates, passthroughBehavior, response }: MockIntegration,
  contentType: string | undefined,
  body: Buffer,
): MockAnswer {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase() ?? DEFAULT_MEDIA_TYPE;
  const template = Object.hasOwn(requestTemplates, mediaType) ? requestTemplates[mediaType] : undefined;
  const passes =
    passthroughBehavior === 'WHEN_NO_MATCH' ||
    (passthroughBehavior === 'WHEN_NO_TEMPLATES' && Object.keys(requestTemplates).length === 0);
  if (template === undefined && !passes) return { kind: 'no-template' };
  if (response === undefined || !STATUS_CODE.test(template ?? body.toString('utf8'))) {
    return { kind: 'not-configured' };
  }
  const headers = Object.entries(response.responseParameters).flatMap(([name, value]) => [
    RESPONSE_HEADER.exec(name)?.[1] ?? name,
    quotedText(value) ?? value,
  ]);
  return {
    kind: 'answer',
    status: Number(response.statusCode),
    headers: ['Content-Type', DEFAULT_MEDIA_TYPE, ...headers],
  };
}
