/** A file as text. The bundler inserts it, so that the program needs no file beside it. */
declare module '*?raw' {
  const text: string;
  export default text;
}

/** A module and its imports, bundled as the text of one script for a page. */
declare module '*?script' {
  const text: string;
  export default text;
}
