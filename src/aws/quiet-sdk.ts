/** A logger for SDK clients and credential providers that prints nothing: errors reach the person as errors. */
export class QuietLogger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

/**
 * Keeps the SDK from warning on stderr of older Node versions. package.json says which versions this program supports. Must be
 * called before the first SDK client is made, the inner clients of credential providers included.
 */
export function silenceNodeVersionWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}
