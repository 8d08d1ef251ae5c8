/** How a comparison can be printed. */
export const COMPARISON_FORMATS = ['table', 'json', 'markdown'] as const;
export type ComparisonFormat = (typeof COMPARISON_FORMATS)[number];
