/** What became of one invocation of the loader function. */
export type InvokeOutcome =
  /** The function returned; `payload` is what it returned, as JSON text. */
  | { readonly kind: 'answered'; readonly payload: string; readonly meter: InvocationMeter }
  /** Lambda refused to run it: too many at once. It did not run. */
  | { readonly kind: 'throttled'; readonly message: string }
  /** The request was refused or never reached Lambda. The function did not run. */
  | { readonly kind: 'refused'; readonly message: string; readonly cause: unknown }
  /** The function ran and failed: it crashed, ran out of time or memory, or was ended. */
  | { readonly kind: 'crashed'; readonly message: string; readonly meter: InvocationMeter }
  /** The connection was lost. The function may have run. */
  | { readonly kind: 'lost'; readonly message: string };

/** What Lambda's REPORT line says of an invocation; members are absent where the endpoint gives no log tail. */
export interface InvocationMeter {
  readonly billedMs?: number;
  /** On a cold start only. */
  readonly initMs?: number;
}

/** The way to the loaders. */
export interface LoaderPort {
  /** Runs the loader function once: the invocation is never repeated. Resolves whatever happens; `signal` gives it up. */
  invoke(payload: string, signal: AbortSignal): Promise<InvokeOutcome>;
  /** The address of the flag that running loaders poll; undefined where there can be none. */
  readonly stopUrl: string | undefined;
  /** Raises the flag. A failure is told by a warning: the loaders then go on to the end of their wave. */
  raiseStop(): Promise<void>;
  /** Takes the flag down again. */
  end(): Promise<void>;
}
