/** A file's text; the bundler and the tests read it in, so that the program needs no file beside it. */
declare module '*?raw' {
  const text: string;
  export default text;
}
