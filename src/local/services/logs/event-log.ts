/** The first segment has this many events, every further one twice as many, up to the largest. */
const FIRST_SEGMENT_EVENTS = 256;
const LARGEST_SEGMENT_EVENTS = 8_192;
/** The average length of Lambda's lines, to guess the size of a segment's text. */
const GUESSED_BYTES_PER_EVENT = 96;
const MORE_THAN_AVERAGE = 1.05;
/** Room for longer lines is made when they come, because the next ones may be short. */
const LARGEST_ROOM_PER_EVENT = 1024;
/** The share of its memory that a full segment uses, if the rest is not worth a copy. */
const WELL_FILLED = 0.9;
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

interface Segment {
  /** The number of the segment's first event in the log. */
  readonly first: number;
  readonly capacity: number;
  count: number;
  text: Buffer;
  used: number;
  /** The end of each event's text in `text`. */
  readonly ends: Uint32Array;
  readonly timestampsMs: Float64Array;
  readonly ingestionTimesMs: Float64Array;
  readonly streams: Uint32Array;
}

/**
 * The events of a log group in the order of their arrival. They are stored outside the JavaScript heap, as UTF-8 text
 * and 24 bytes per event. So a million lines neither slow down garbage collection nor keep larger strings alive.
 */
export class EventLog {
  readonly #segments: Segment[] = [];
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** The bytes of all messages. */
  get messageBytes(): number {
    return this.#bytes;
  }

  /** @param stream the number of the stream in its group */
  append(message: string, timestampMs: number, ingestionTimeMs: number, stream: number): void {
    const segment = this.#openSegment();
    if (segment.used + message.length * MOST_BYTES_PER_UNIT > segment.text.length) {
      makeRoom(segment, Buffer.byteLength(message));
    }
    const length = segment.text.write(message, segment.used);
    segment.used += length;
    segment.ends[segment.count] = segment.used;
    segment.timestampsMs[segment.count] = timestampMs;
    segment.ingestionTimesMs[segment.count] = ingestionTimeMs;
    segment.streams[segment.count] = stream;
    segment.count += 1;
    this.#count += 1;
    this.#bytes += length;
  }

  timestampMs(index: number): number {
    const segment = this.#segmentOf(index);
    return segment.timestampsMs[index - segment.first] ?? Number.NaN;
  }

  ingestionTimeMs(index: number): number {
    const segment = this.#segmentOf(index);
    return segment.ingestionTimesMs[index - segment.first] ?? Number.NaN;
  }

  /** The number of the event's stream. */
  stream(index: number): number {
    const segment = this.#segmentOf(index);
    return segment.streams[index - segment.first] ?? -1;
  }

  message(index: number): string {
    const segment = this.#segmentOf(index);
    return segment.text.toString('utf8', start(segment, index), segment.ends[index - segment.first]);
  }

  byteLength(index: number): number {
    const segment = this.#segmentOf(index);
    return (segment.ends[index - segment.first] ?? 0) - start(segment, index);
  }

  #openSegment(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.count < last.capacity) return last;
    // A full segment never changes again, so its unused memory is released.
    if (last !== undefined && last.used < last.text.length * WELL_FILLED) {
      last.text = Buffer.copyBytesFrom(last.text, 0, last.used);
    }
    const capacity = Math.min((last?.capacity ?? FIRST_SEGMENT_EVENTS / 2) * 2, LARGEST_SEGMENT_EVENTS);
    const bytesPerEvent = last === undefined ? GUESSED_BYTES_PER_EVENT : roomFor(last);
    const segment: Segment = {
      first: this.#count,
      capacity,
      count: 0,
      text: Buffer.allocUnsafeSlow(capacity * bytesPerEvent),
      used: 0,
      ends: new Uint32Array(capacity),
      timestampsMs: new Float64Array(capacity),
      ingestionTimesMs: new Float64Array(capacity),
      streams: new Uint32Array(capacity),
    };
    this.#segments.push(segment);
    return segment;
  }

  #segmentOf(index: number): Segment {
    const segment = this.#segments[segmentNumber(index)];
    if (segment === undefined || index < segment.first || index >= segment.first + segment.count) {
      throw new RangeError(`the log has no event ${index}`);
    }
    return segment;
  }
}

/** Returns how many bytes per event the next segment gets: the average of this one, and a little more. */
function roomFor({ used, count }: Segment): number {
  return Math.min(LARGEST_ROOM_PER_EVENT, Math.ceil((used / count) * MORE_THAN_AVERAGE));
}

/** Lets the text of a segment grow, so that `length` more bytes fit. */
function makeRoom(segment: Segment, length: number): void {
  if (segment.used + length <= segment.text.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(segment.text.length * 2, segment.used + length));
  segment.text.copy(grown, 0, 0, segment.used);
  segment.text = grown;
}

function start(segment: Segment, index: number): number {
  return index === segment.first ? 0 : (segment.ends[index - segment.first - 1] ?? 0);
}

const DOUBLING_SEGMENTS = Math.log2(LARGEST_SEGMENT_EVENTS / FIRST_SEGMENT_EVENTS);
/** How many events there are before the first segment of the largest size: 256 + 512 + … */
const DOUBLING_EVENTS = LARGEST_SEGMENT_EVENTS - FIRST_SEGMENT_EVENTS;

/** The number of the segment that contains an event. */
function segmentNumber(index: number): number {
  if (index >= DOUBLING_EVENTS) {
    return DOUBLING_SEGMENTS + Math.floor((index - DOUBLING_EVENTS) / LARGEST_SEGMENT_EVENTS);
  }
  return Math.floor(Math.log2(index / FIRST_SEGMENT_EVENTS + 1));
}
