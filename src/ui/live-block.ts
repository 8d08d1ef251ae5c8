import ora, { type Ora } from 'ora';

/** The shortest time between two redraws. Ten redraws a second look smooth and take little CPU time from the load. */
const REDRAW_INTERVAL_MS = 100;
/**
 * The width of ora's frame and the space after it, which precede the text. A line that wraps would not be erased
 * completely.
 */
const FRAME_WIDTH = 3;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The lines at the bottom of a terminal that are redrawn while work is under way. */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  readonly #lines: (columns: number) => readonly string[];
  readonly #spinner: Ora;
  readonly #tick: NodeJS.Timeout;

  /** @param lines returns the lines to draw, none longer than `columns`; no lines remove the block */
  constructor(stream: NodeJS.WriteStream, color: boolean, lines: (columns: number) => readonly string[]) {
    this.#stream = stream;
    this.#lines = lines;
    this.#spinner = ora({
      stream,
      discardStdin: false,
      isEnabled: true,
      spinner: { interval: REDRAW_INTERVAL_MS, frames: FRAMES },
      ...(color ? {} : { color: false as const }),
    });
    // Updates the elapsed times, also while no event comes.
    this.#tick = setInterval(() => {
      if (this.isDrawn) this.redraw();
    }, REDRAW_INTERVAL_MS);
    this.#tick.unref();
  }

  /** Whether the block is on the terminal. While it is, it redraws itself ten times a second. */
  get isDrawn(): boolean {
    return this.#spinner.isSpinning;
  }

  redraw(): void {
    const lines = this.#lines(Math.max(20, (this.#stream.columns ?? 80) - FRAME_WIDTH));
    if (lines.length === 0) {
      this.#remove();
      return;
    }
    this.#spinner.text = lines.join('\n  ');
    if (!this.isDrawn) this.#spinner.start();
  }

  /** Writes a text above the block, where it stays. */
  writeAbove(text: string): void {
    const wasDrawn = this.isDrawn;
    this.#remove();
    this.#stream.write(`${text}\n`);
    if (wasDrawn) this.redraw();
  }

  close(): void {
    clearInterval(this.#tick);
    this.#remove();
  }

  #remove(): void {
    if (this.isDrawn) this.#spinner.stop();
  }
}
