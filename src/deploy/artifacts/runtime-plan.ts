import type { RuntimeManifest } from './manifest.ts';

export interface PlannedRuntime {
  readonly manifest: RuntimeManifest;
  /** `prebuilt`: the outputs of an earlier build match the sources; `build`: the recipe runs; `none`: no recipe. */
  readonly source: 'prebuilt' | 'build' | 'none';
}

export interface AbsentRuntime {
  readonly label: string;
  /** One line for a default run that goes on without it: why, and what to install where that helps. */
  readonly message: string;
  /** The same for a person who asked for it by name. */
  readonly refusal: string;
  readonly hint: string;
}
