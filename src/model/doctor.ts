/** What one look at this machine, or at AWS, found. */
export interface DoctorCheck {
  /** What was looked at: `Python`, `credentials`. */
  readonly name: string;
  /** `ok`: it works. `limited`: shedbench works without it, and less is possible. `broken`: shedbench can't work. */
  readonly state: 'ok' | 'limited' | 'broken';
  /** What was found, in words. */
  readonly found: string;
  /** What does not work because of it; absent where everything does. */
  readonly lacks?: string;
  /** What to type or do; absent where there is nothing to do. */
  readonly remedy?: string;
}

export interface DoctorResult {
  readonly schema: 'shedbench/doctor@1';
  readonly checks: readonly DoctorCheck[];
}
