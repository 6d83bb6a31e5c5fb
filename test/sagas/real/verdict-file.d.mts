export interface RealVerdict {
  readonly name: string;
  readonly end: string;
  readonly violations: readonly string[];
}

export class VerdictFile {
  constructor(plan: { readonly out: string; readonly seed: number });
  keep(cases: readonly { readonly name: string }[]): Map<string, RealVerdict>;
  add(verdict: RealVerdict): void;
  write(verdicts: readonly RealVerdict[]): void;
}
