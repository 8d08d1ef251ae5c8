/**
 * How long DynamoDB takes to answer a Lambda function of its own region, over a warm TLS connection. The time is as the
 * function sees it: network included, the function's own CPU time not.
 *
 * AWS publishes no distribution, only "single-digit milliseconds". These quantiles are derived from published
 * measurements of whole functions, less the functions' own CPU time of 1 to 3 ms:
 *
 * - Writes: PutItem in Rust at 128 MB (Paris, arm64, 2024), Duration 4.67 ms at least and 8.11 ms on average.
 * - DescribeTable and Scan: both in one Rust function (same source, 1,000 items), 13.05 ms at least and 17.43 ms on
 *   average.
 * - Reads, and the 99th percentiles: BatchWriteItem and BatchGetItem of 5 items in one Rust function (Ohio, x86_64,
 *   2025), 7.6 to 10.4 ms on average over seven series of 256 to 2,048 MB, p99 12 to 19 ms.
 *
 * Regions, hosts and days differ by as much as these sources do, so a mean is good to about ±30 %.
 * @see https://github.com/JeremieRodon/demo-rust-lambda (writes, DescribeTable, Scan)
 * @see https://github.com/cebert/aws-lambda-performance-benchmarks (the workload `light`)
 */

/** Points of a distribution in ms: the shortest time, three percentiles, the longest time. */
export interface LatencyQuantiles {
  readonly p0: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p100: number;
}

const WRITE: LatencyQuantiles = { p0: 3.2, p50: 4.5, p90: 6.5, p99: 11, p100: 40 };
const READ: LatencyQuantiles = { p0: 1.5, p50: 2.3, p90: 3.6, p99: 7, p100: 30 };
/** The latency of a page of at most about 1,000 small items. */
const SCAN: LatencyQuantiles = { p0: 4.5, p50: 6, p90: 9, p99: 16, p100: 40 };
const DESCRIBE: LatencyQuantiles = { p0: 4.5, p50: 6, p90: 8.5, p99: 15, p100: 40 };

/** Latencies by DynamoDB's name of the operation. */
export const DYNAMODB_LATENCY: Readonly<Record<string, LatencyQuantiles>> = {
  BatchGetItem: READ,
  BatchWriteItem: WRITE,
  DeleteItem: WRITE,
  DescribeTable: DESCRIBE,
  GetItem: READ,
  PutItem: WRITE,
  Query: READ,
  Scan: SCAN,
  UpdateItem: WRITE,
};

/** The latency of an operation. An operation without published figures gets that of a read. */
export function dynamodbLatencyOf(operation: string): LatencyQuantiles {
  return DYNAMODB_LATENCY[operation] ?? READ;
}

/**
 * The latency in ms that a share of all requests does not exceed, interpolated linearly between the known points.
 * @param probability from 0 to 1; a uniform random number gives a random latency
 */
export function latencyQuantileMs(quantiles: LatencyQuantiles, probability: number): number {
  const { p0, p50, p90, p99, p100 } = quantiles;
  if (probability <= 0.5) return p0 + ((p50 - p0) * probability) / 0.5;
  if (probability <= 0.9) return p50 + ((p90 - p50) * (probability - 0.5)) / 0.4;
  if (probability <= 0.99) return p90 + ((p99 - p90) * (probability - 0.9)) / 0.09;
  return p99 + ((p100 - p99) * (probability - 0.99)) / 0.01;
}

/** The mean in ms of the distribution that `latencyQuantileMs` describes. */
export function meanLatencyMs(quantiles: LatencyQuantiles): number {
  const points = pointsOf(quantiles);
  return points.slice(1).reduce((sum, [probability, ms], index) => {
    const [earlier, earlierMs] = points[index] ?? [0, ms];
    return sum + ((ms + earlierMs) / 2) * (probability - earlier);
  }, 0);
}

function pointsOf({ p0, p50, p90, p99, p100 }: LatencyQuantiles): readonly (readonly [number, number])[] {
  return [
    [0, p0],
    [0.5, p50],
    [0.9, p90],
    [0.99, p99],
    [1, p100],
  ];
}
