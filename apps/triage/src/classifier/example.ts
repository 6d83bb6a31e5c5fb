/** A message with the intent that somebody gave it. */
export interface Example {
  readonly text: string;
  /** name of the intent; `oos` when it is none of the taxonomy's */
  readonly intent: string;
  /** whose queue the intent belongs to */
  readonly queue?: string;
  /** which part of its data set it stands in, such as `train`, `val` or `oos_val` */
  readonly split?: string;
}

/** The intent of examples that are about nothing the taxonomy knows. */
export const OUT_OF_SCOPE = 'oos';

/** Thrown when training or test data, or a model, can not be used; the message says the fix. */
export class ClassifierError extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.name = 'ClassifierError';
  }
}
