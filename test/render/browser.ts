import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A browser that shows no window, calls nobody, and is driven over two pipes. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // One process draws the pages, which all belong to these tests.
  '--renderer-process-limit=1',
  '--remote-debugging-pipe',
];

/** A page in the browser. */
export interface OpenedPage {
  /** The value of a JavaScript expression in the page. */
  readonly value: (expression: string) => Promise<unknown>;
  /** What the page wrote to the console, what its scripts threw, and what the browser reported of it. */
  readonly complaints: readonly unknown[];
}

export interface PageOptions {
  /** Whether the page is opened with the dark colour scheme. */
  readonly dark?: boolean;
  /** The width of the window, in CSS pixels. */
  readonly width?: number;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** The events of the protocol that say that something is wrong with a page. */
const COMPLAINTS = new Set(['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded']);

/**
 * One Chromium for many pages, since its start costs more than a page.
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export class Browser {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #calls = new Map<number, (message: Message) => void>();
  readonly #listeners = new Set<(message: Message) => void>();
  #tab: Promise<string> | undefined;
  /** The complaints about the page that is open. */
  #complaints: unknown[] = [];
  #lastId = 0;
  #rest = '';

  /**
   * @param program the path of the browser
   * @param profile an empty folder for what the browser keeps
   */
  constructor(program: string, profile: string) {
    this.#process = spawn(program, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#input = this.#process.stdio[3] as Writable;
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#process.once('exit', (code, signal) => {
      const error = { message: `the browser ended with ${code ?? signal}` };
      for (const settle of this.#calls.values()) settle({ error });
      this.#calls.clear();
    });
  }

  /** Opens a page in place of the one before, and waits until its scripts ran and what they drew was shown. */
  async open(url: string, { dark = false, width = 1280 }: PageOptions = {}): Promise<OpenedPage> {
    this.#tab ??= this.#openTab();
    const sessionId = await this.#tab;
    const call = (method: string, params = {}) => this.#call(method, params, sessionId);
    await call('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    const size = { width, height: 900, deviceScaleFactor: 1, mobile: false };
    await call('Emulation.setDeviceMetricsOverride', size);
    const value = async (expression: string): Promise<unknown> => {
      const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { readonly value?: unknown }).value;
    };
    const complaints: unknown[] = [];
    this.#complaints = complaints;
    const loaded = this.#event(sessionId, 'Page.loadEventFired');
    await call('Page.navigate', { url });
    await loaded;
    await value('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    return { value, complaints };
  }

  /** Opens the tab of all pages, since each tab would start a process, and returns its session. */
  async #openTab(): Promise<string> {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    this.#listeners.add(({ method = '', params }) => {
      if (COMPLAINTS.has(method)) this.#complaints.push(params);
    });
    const domains = ['Page.enable', 'Runtime.enable', 'Log.enable'];
    await Promise.all(domains.map((method) => this.#call(method, {}, String(sessionId))));
    return String(sessionId);
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    await this.#call('Browser.close', {}).catch(() => this.#process.kill('SIGKILL'));
    await ended;
  }

  #call(method: string, params: object, sessionId?: string): Promise<Readonly<Record<string, unknown>>> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #event(sessionId: string, method: string): Promise<void> {
    return new Promise((resolve) => {
      const listener = (message: Message): void => {
        if (message.sessionId !== sessionId || message.method !== method) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  /** Takes what the browser sent: JSON texts that each end with a NUL. */
  #read(text: string): void {
    const parts = (this.#rest + text).split('\0');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) for (const listener of [...this.#listeners]) listener(message);
      else {
        this.#calls.get(message.id)?.(message);
        this.#calls.delete(message.id);
      }
    }
  }
}
