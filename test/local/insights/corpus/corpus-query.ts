/** What a query asks, its text, and its rows over the corpus's lines, `@ptr` left out. */
export type CorpusQuery = readonly [
  title: string,
  query: string,
  rows: readonly Readonly<Record<string, string>>[],
];
