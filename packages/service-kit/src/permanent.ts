/**
 * An error that trying again can not mend: the message becomes a dead letter at once.
 * @param code stable, upper snake case; becomes the dead letter's reason
 */
export class Permanent extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Permanent';
  }
}
