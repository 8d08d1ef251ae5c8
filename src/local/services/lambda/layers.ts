import type { FunctionCode } from '../../seams.ts';
import { invalid } from './check-function.ts';

/** The published layer versions, each stored as its zip. */
export class Layers {
  readonly #zips = new Map<string, Buffer>();
  /** The last version number of each layer. Numbers of deleted versions are not used again. */
  readonly #lastVersions = new Map<string, number>();

  /** @returns the version's ARN, `<layerArn>:<number>` */
  publish(layerArn: string, { zip }: FunctionCode): string {
    const version = (this.#lastVersions.get(layerArn) ?? 0) + 1;
    this.#lastVersions.set(layerArn, version);
    const arn = `${layerArn}:${version}`;
    this.#zips.set(arn, zip);
    return arn;
  }

  delete(layerVersionArn: string): void {
    this.#zips.delete(layerVersionArn);
  }

  /**
   * Returns the zips of layer versions, in order. @throws ServiceError `InvalidParameterValueException` for an unknown
   * one
   */
  zips(layerVersionArns: readonly string[]): readonly Buffer[] {
    return layerVersionArns.map((arn) => {
      const zip = this.#zips.get(arn);
      if (zip === undefined)
        throw invalid(
          `Layer version ${arn} does not exist. The local cloud has only layers of its own stacks.`,
        );
      return zip;
    });
  }
}
