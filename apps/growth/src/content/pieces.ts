/** When a piece fits: every condition that is there has to be met. */
export interface When {
  readonly kinds?: readonly ('form' | 'product')[] | undefined;
  readonly codes?: readonly string[] | undefined;
  /** one of them is enough */
  readonly interests?: readonly string[] | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly seniorities?: readonly string[] | undefined;
  readonly grades?: readonly ('hot' | 'warm' | 'cold')[] | undefined;
  readonly employeesFrom?: number | undefined;
}

/** Words that somebody approved. */
export interface Piece {
  readonly id: string;
  /** rises with the words */
  readonly version: number;
  readonly when: When;
  readonly text: string;
}

export interface Opening extends Piece {
  readonly subject: string;
}

/** What may be written to leads, piece by piece. */
export interface Library {
  readonly version: string;
  readonly openings: readonly Opening[];
  readonly bodies: readonly Piece[];
  readonly closings: readonly Piece[];
}
