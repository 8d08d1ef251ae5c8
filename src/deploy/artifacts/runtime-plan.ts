import type { RuntimeManifest } from './manifest.ts';

export interface PlannedRuntime {
  readonly manifest: RuntimeManifest;
  /** `prebuilt`: the outputs of an earlier build match the sources; `build`: the recipe runs; `none`: no recipe. */
  readonly source: 'prebuilt' | 'build' | 'none';
}

export interface AbsentRuntime {
  readonly label: string;
  /**
   * A message of one line for a default run, which continues without this runtime: the reason, and what to install if
   * that helps.
   */
  readonly message: string;
  /** The message for a person who asked for this runtime. */
  readonly refusal: string;
  readonly hint: string;
}
