/** What a crate's Cargo.toml says about its licence, and the texts of its licence files. */
export interface LicensedCrate {
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
  readonly authors: readonly string[];
  readonly repository?: string | null;
  readonly texts: readonly string[];
}

export function licenceSections(crates: readonly LicensedCrate[]): string[];
