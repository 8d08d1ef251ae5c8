/** The result of one check of this machine or of the AWS account. */
export interface DoctorCheck {
  /** The subject of the check: `Python`, `credentials`. */
  readonly name: string;
  /** `ok`: it works. `limited`: shedbench works with fewer features. `broken`: shedbench can't work. */
  readonly state: 'ok' | 'limited' | 'broken';
  /** The finding in words. */
  readonly found: string;
  /** The features that do not work because of it. Absent if everything works. */
  readonly lacks?: string;
  /** A command or an action that helps. Absent if nothing needs to be done. */
  readonly remedy?: string;
}

export interface DoctorResult {
  readonly schema: 'shedbench/doctor@1';
  readonly checks: readonly DoctorCheck[];
}
