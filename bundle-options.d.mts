import type { BuildOptions, Plugin } from 'esbuild';

export const rawText: Plugin;
export const urlOfSource: Plugin;
export const forNode: BuildOptions;
