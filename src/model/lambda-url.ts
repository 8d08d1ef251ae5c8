/** API Gateway's own hosts, and its paths in the local cloud and in emulators. */
const API_URL =
  /^https?:\/\/[^/]+\.(?:execute-api\.[a-z0-9-]+\.amazonaws\.com|lambda-url\.[a-z0-9-]+\.on\.aws)|\/_aws\/execute-api\/|\/_user_request_/i;

/** Whether a URL surely leads to Lambda functions of AWS or of an emulator. False for a domain of the user's own. */
export function leadsToLambda(url: string): boolean {
  return API_URL.test(url);
}
