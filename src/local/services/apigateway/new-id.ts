import { randomInt } from 'node:crypto';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 10;

/** Generates an unused id in the form of API Gateway: ten lower-case letters and digits. */
export function newId(isTaken: (id: string) => boolean): string {
  for (;;) {
    let id = '';
    for (let i = 0; i < ID_LENGTH; i += 1) id += ID_LETTERS[randomInt(ID_LETTERS.length)];
    if (!isTaken(id)) return id;
  }
}
