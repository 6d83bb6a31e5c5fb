/** Who sells where, and how much at once. */
export interface Team {
  /** countries by territory */
  readonly territories: Readonly<Record<string, readonly string[]>>;
  /** of leads whose country is of no territory, or unknown */
  readonly otherwise: string;
  readonly reps: readonly Rep[];
}

export interface Rep {
  readonly name: string;
  readonly territories: readonly string[];
  /** leads that they take at once */
  readonly capacity: number;
  /** where they hear of their leads */
  readonly channel: string;
}

/** The territory of a country. */
export function territoryOf({ territories, otherwise }: Team, from: string | null): string {
  if (from === null) return otherwise;
  return Object.entries(territories).find(([, countries]) => countries.includes(from))?.[0] ?? otherwise;
}
