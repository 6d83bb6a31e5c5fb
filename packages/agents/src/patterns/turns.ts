import { AgentError, NeedsHuman } from '../agent-errors.js';
import { hashOf, jsonOf } from '../canonical-hash.js';
import type { Run } from '../run.js';
import { endingOf, type Standing, type Turn } from './termination.decider.js';

/** Who takes part in a pattern: any async function, with a model or without. */
export interface Member<In, Said> {
  readonly name: string;
  act(input: In, run: Run): Promise<Said> | Said;
}

/** The core that all patterns share: members take turns in one run, under its limits, and what they say is the history. */
export class Turns {
  private readonly taken: Turn[] = [];

  constructor(private readonly run: Run) {}

  /** What was said so far, oldest first. */
  get history(): readonly Turn[] {
    return this.taken;
  }

  /** Lets a member take its turn, with names of its own for its steps. What it throws carries the history. */
  async take<In, Said>({ name, act }: Member<In, Said>, input: In, run: Run = this.run): Promise<Said> {
    try {
      run.turn();
      const said = await act(input, run.scope(name));
      const json = jsonOf(said);
      this.taken.push({ member: name, said: JSON.parse(json), saidHash: hashOf(normalised(json)) });
      return said;
    } catch (error) {
      if (error instanceof AgentError && error.history.length === 0) error.history = this.told();
      throw error;
    }
  }

  /**
   * True when the pattern has ended. Throws NeedsHuman when it is refused, or when a turn was repeated and `repeats` are no end like
   * any other (`done`), nor something that the pattern counts itself (`goes_on`).
   */
  ended(standing: Omit<Standing, 'history'>, repeats: 'done' | 'needs_human' | 'goes_on' = 'needs_human'): boolean {
    const ending = endingOf({ ...standing, history: this.taken });
    if (ending.kind === 'refused') throw this.needsHuman(ending.code, ending.reason);
    if (ending.kind !== 'repeated') return ending.kind === 'done';
    if (repeats !== 'needs_human') return repeats === 'done';
    throw this.needsHuman('TURN_REPEATED', `${this.taken.at(-1)?.member} said the same again`);
  }

  /** The question to a person, with everything that was said. */
  needsHuman(code: string, reason: string): NeedsHuman {
    return new NeedsHuman(code, reason, this.told());
  }

  private told(): readonly unknown[] {
    return this.taken.map(({ member, said }) => ({ member, said }));
  }
}

function normalised(json: string): string {
  return json.toLowerCase().replaceAll(/(\\[nrt]|\s)+/g, ' ');
}
