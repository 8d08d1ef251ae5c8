/** A logger for SDK clients and credential providers that prints nothing. Their errors are thrown. */
export class QuietLogger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

/**
 * Prevents the SDK's warnings about older Node versions on stderr. package.json states which versions this program
 * supports. Must be called before the first SDK client is created, including the inner clients of credential providers.
 */
export function silenceNodeVersionWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}
