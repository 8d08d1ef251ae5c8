import type { ServiceError } from '../../seams.ts';

/**
 * The errors of Lambda whose text is in `Message`; that of all others is in `message`. Clients that check AWS's model find no
 * text under the other name.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_Errors the shapes of the errors
 */
const WITH_CAPITAL: ReadonlySet<string> = new Set([
  'CodeSigningConfigNotFoundException',
  'CodeVerificationFailedException',
  'InvalidCodeSignatureException',
  'InvalidRuntimeException',
  'InvalidZipFileException',
  'RecursiveInvocationException',
  'ResourceInUseException',
  'ResourceNotFoundException',
  'ServiceException',
]);

/** The body of an error as Lambda writes it: who is to blame (`Type`) and the text. */
export function lambdaErrorBody({ code, status, message, fields }: ServiceError): object {
  const type = status >= 500 ? 'Service' : 'User';
  return { ...fields, Type: type, [WITH_CAPITAL.has(code) ? 'Message' : 'message']: message };
}
