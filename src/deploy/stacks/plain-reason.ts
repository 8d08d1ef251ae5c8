const HANDLER_WRAPPING =
  /^Resource handler returned message: "(?<message>.*)" \(RequestToken: [^,)]+, HandlerErrorCode: (?<code>\w+)\)$/s;

/**
 * The details that services append for AWS's support, in several forms: ` (Service: Lambda, Status Code: 400, Request
 * ID: …)`.
 */
const REQUEST_DETAILS =
  / \((?:Service: [^()]*?(?:Request ID|RequestId): [^()]*?|RequestToken: [^()]*?|SDK Attempt Count: \d+)(?: \(SDK Attempt Count: \d+\))?\)/g;

/**
 * A resource's failure reason for a person: the service's own message, and the kind of error in brackets. The ids for AWS's
 * support stay in the stack event. A reason of another form is returned unchanged.
 */
export function plainReason(reason: string): string {
  const groups = HANDLER_WRAPPING.exec(reason)?.groups;
  const message = (groups?.message ?? reason).replace(REQUEST_DETAILS, '').trim();
  return groups?.code === undefined ? message : `${message} (${groups.code})`;
}
