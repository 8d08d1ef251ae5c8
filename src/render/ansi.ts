/** Wraps text in a style, or returns it unchanged. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

const ESCAPE = '\u001b[';

/** Styles with the basic codes that every terminal supports. No style carries information that the text does not. */
export function paint(color: boolean): Paint {
  const wrap = (on: number, off: number) => (text: string) =>
    color && text !== '' ? `${ESCAPE}${on}m${text}${ESCAPE}${off}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    red: wrap(31, 39),
  };
}
