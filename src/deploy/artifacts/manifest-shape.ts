import { type ShedbenchError, usageError } from '../../errors.ts';

/**
 * Checks the parts of a JSON document. A JSON Schema validator would be larger than the rest of `deploy`, and its
 * messages would name schema keywords, while a person needs the position and what is expected there. A test checks that
 * this code and `handlers/shedbench.schema.json` accept and refuse the same documents.
 */
export class ManifestShape {
  readonly #file: string;
  readonly #hint: string;

  constructor(file: string, hint: string) {
    this.#file = file;
    this.#hint = hint;
  }

  /** Creates the error for a value at `pointer` that is not what was expected (exit 2); one line. */
  fault(pointer: string, expected: string, found: unknown, because?: string): ShedbenchError {
    const where = pointer === '' ? 'the document' : pointer;
    const tail = because === undefined ? '' : ` (${because})`;
    const message = `${this.#file}: ${where} must be ${expected}, ${describe(found)}${tail}.`;
    return usageError('manifest-invalid', message, this.#hint);
  }

  /** Checks an object that has no members but `known`. */
  object<const Name extends string>(
    value: unknown,
    pointer: string,
    known: readonly Name[],
  ): Partial<Record<Name, unknown>> {
    const fields = this.record(value, pointer);
    for (const name of Object.keys(fields)) {
      if ((known as readonly string[]).includes(name)) continue;
      const message = `${this.#file}: ${pointer}/${this.escape(name)} is not known; expected are ${known.join(', ')}.`;
      throw usageError('manifest-invalid', message, this.#hint);
    }
    return fields as Partial<Record<Name, unknown>>;
  }

  record(value: unknown, pointer: string): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.fault(pointer, 'an object', value);
    }
    return value as Record<string, unknown>;
  }

  list(value: unknown, pointer: string): readonly unknown[] {
    if (!Array.isArray(value)) throw this.fault(pointer, 'an array', value);
    return value;
  }

  /** Checks a text that is not empty and contains no NUL. */
  text(value: unknown, pointer: string): string {
    if (typeof value !== 'string' || value === '' || value.includes('\0')) {
      throw this.fault(pointer, 'a text that is not empty', value);
    }
    return value;
  }

  matching(value: unknown, pointer: string, pattern: RegExp, expected: string): string {
    if (typeof value !== 'string' || !pattern.test(value)) throw this.fault(pointer, expected, value);
    return value;
  }

  /** Checks a list of at least one text. */
  texts(value: unknown, pointer: string): readonly string[] {
    const items = this.list(value, pointer);
    if (items.length === 0) throw this.fault(pointer, 'an array of at least one text', value);
    return items.map((item, index) => this.text(item, `${pointer}/${index}`));
  }

  /** Checks a list of one or more of `allowed`, without repetition. */
  subset<const Item extends string>(
    value: unknown,
    pointer: string,
    allowed: readonly Item[],
  ): readonly Item[] {
    const items = this.texts(value, pointer);
    items.forEach((item, index) => {
      if (!(allowed as readonly string[]).includes(item)) {
        throw this.fault(`${pointer}/${index}`, `one of ${allowed.join(', ')}`, item);
      }
      if (items.indexOf(item) !== index) {
        throw this.fault(`${pointer}/${index}`, 'an item that is not yet in the list', item);
      }
    });
    return items as readonly Item[];
  }

  /** One step of a JSON pointer. @see https://www.rfc-editor.org/rfc/rfc6901 */
  escape(step: string): string {
    return step.replaceAll('~', '~0').replaceAll('/', '~1');
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'but is missing';
  const text = JSON.stringify(value);
  return `not ${text.length <= 60 ? text : `${text.slice(0, 57)}…`}`;
}
