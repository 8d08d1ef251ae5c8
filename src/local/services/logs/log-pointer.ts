import { Buffer } from 'node:buffer';
import { invalidParameter } from './input.ts';

/**
 * The content of a `@ptr`: a group, by name and time of creation, and an event. A group that was created again has
 * other events.
 */
export interface LogPointer {
  readonly group: string;
  readonly createdAtMs: number;
  readonly index: number;
}

const POINTER = /^([^\n]{1,512})\n(\d{1,16})\n(\d{1,16})$/;

export function encodePointer(pointer: LogPointer): string {
  return Buffer.from(`${pointer.group}\n${pointer.createdAtMs}\n${pointer.index}`).toString('base64');
}

/** @throws ServiceError `InvalidParameterException` for text that is not such a pointer */
export function decodePointer(text: string): LogPointer {
  const match = POINTER.exec(Buffer.from(text, 'base64').toString('utf8'));
  if (match?.[1] === undefined) throw invalidParameter('The specified logRecordPointer is invalid.');
  return { group: match[1], createdAtMs: Number(match[2]), index: Number(match[3]) };
}
