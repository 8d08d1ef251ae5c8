/** The outcome of one invocation of the loader function. */
export type InvokeOutcome =
  /** The function returned; `payload` is what it returned, as JSON text. */
  | { readonly kind: 'answered'; readonly payload: string; readonly meter: InvocationMeter }
  /** Lambda throttled the invocation. The function did not run. */
  | { readonly kind: 'throttled'; readonly message: string }
  /** The request was refused or never reached Lambda. The function did not run. */
  | { readonly kind: 'refused'; readonly message: string; readonly cause: unknown }
  /** The function ran and failed: it crashed, ran out of time or memory, or was ended. */
  | { readonly kind: 'crashed'; readonly message: string; readonly meter: InvocationMeter }
  /** The connection was lost. The function may have run. */
  | { readonly kind: 'lost'; readonly message: string };

/** The figures of an invocation's REPORT line. They are absent if the endpoint returns no log tail. */
export interface InvocationMeter {
  readonly billedMs?: number;
  /** Present only for a cold start. */
  readonly initMs?: number;
}

/** Invokes the loaders and tells them to stop. */
export interface LoaderPort {
  /** Runs the loader function once and never repeats the invocation. Always resolves; `signal` ends the waiting. */
  invoke(payload: string, signal: AbortSignal): Promise<InvokeOutcome>;
  /** The URL of the flag that running loaders poll. Undefined if there can be no flag. */
  readonly stopUrl: string | undefined;
  /** Raises the flag. If that fails, a warning says so, and the loaders continue to the end of their wave. */
  raiseStop(): Promise<void>;
  /** Removes the flag. */
  end(): Promise<void>;
}
