/**
 * The memory size, in MB, with which a function has one whole vCPU.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const MB_PER_VCPU = 1769;
