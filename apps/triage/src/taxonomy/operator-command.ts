import type { DomainMessage } from '../domain-contracts.js';
import type { Fields } from './fields.js';

/** What people may ask for. */
export interface OperatorCommand {
  /** roles that may give it; for some it depends on what it is about */
  readonly roles: readonly string[] | ((data: Fields) => readonly string[]);
  /**
   * Throws BodyInvalid. Person and role are those of the key that signed.
   * @param at when it came in, milliseconds since the epoch
   */
  build(data: Fields, actor: string, at: number, role: string): DomainMessage;
}

/** The roles that may give this command. */
export function rolesFor({ roles }: OperatorCommand, data: Fields): readonly string[] {
  return typeof roles === 'function' ? roles(data) : roles;
}
