import { secretIn } from '../policy/secrets.js';
import type { CanonicalRequest } from './canonical-request.js';

/** A prompt that must not be sent. Code `SECRET_IN_PROMPT`; says what kind and where, never the text. */
export class PromptWithheld extends Error {
  readonly code = 'SECRET_IN_PROMPT';

  constructor(kind: string, place: string) {
    super(`SECRET_IN_PROMPT: ${place} holds ${kind}; tag the field it comes from \`never\` or \`masked\``);
    this.name = 'PromptWithheld';
  }
}

/**
 * The last guard before a prompt leaves the process, whatever was forgotten before it: nothing that opens something goes to a
 * model, and none of the process's own secrets in any spelling. Contract tags should have kept it out long before.
 * @param known secrets by value
 */
export function secretScreen(known: readonly string[]): (request: CanonicalRequest) => void {
  return ({ instructions, parts, turns }) => {
    const texts: [place: string, text: string][] = [
      ['instructions', instructions.text],
      ...parts.map(({ label, text }, index): [string, string] => [`part ${index} (${label})`, text]),
      ...turns.map(({ name, result }): [string, string] => [`result of ${name}`, result]),
    ];
    for (const [place, text] of texts) {
      const kind = secretIn(text, known);
      if (kind !== null) throw new PromptWithheld(kind, place);
    }
  };
}
