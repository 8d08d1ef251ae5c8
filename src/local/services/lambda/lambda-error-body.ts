import type { ServiceError } from '../../seams.ts';

/**
 * Lambda's errors whose text is in `Message`. All other errors have it in `message`. Clients that follow AWS's model do
 * not find it under the other name.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_Errors (shapes of errors)
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

/** The body of an error in Lambda's form: the side that caused it (`Type`) and the text. */
export function lambdaErrorBody({ code, status, message, fields }: ServiceError): object {
  const type = status >= 500 ? 'Service' : 'User';
  return { ...fields, Type: type, [WITH_CAPITAL.has(code) ? 'Message' : 'message']: message };
}
