import type { GroupMove } from '@towpath/kafka/groups';
import type { Context } from '../../context.js';
import type { Counts, LeftOut } from './reimport.js';

const SHOWN_MAX = 1_000;

/** What is not put back, as it is found; the first thousand, then how many more. */
export class LeftOutList {
  private count = 0;

  constructor(
    private readonly context: Context,
    private readonly shown: boolean,
  ) {}

  add(left: LeftOut): void {
    this.count += 1;
    if (!this.shown || this.count > SHOWN_MAX) return;
    const { schema, stream, version, type, by, code, detail } = left;
    const who = by === 'person' ? 'a person has to see to it' : `${schema} decides it again`;
    this.context.show(`left  ${schema}/${stream} ${version}  ${type}  ${code}: ${detail}; ${who}`, { leftOut: left });
  }

  end(): void {
    if (this.shown && this.count > SHOWN_MAX) this.context.note(`… and ${this.count - SHOWN_MAX} more`);
  }
}

/** `310 events are missing: 250 put back, 60 left to their services, 0 to a person`. */
export function countsText({ missing, imported, decidedAgain, person, keysLost }: Counts): string {
  if (missing === 0) return 'no event is missing';
  const keys =
    keysLost === 0
      ? ''
      : `; the keys of ${keysLost} data subjects are lost, and what names them can't be read any more`;
  return `${missing} events missing from the stores, ${imported} can be put back, ${decidedAgain} left to their services, ${person} to a person${keys}`;
}

export function rewindText(group: string, moves: readonly GroupMove[]): string {
  const records = moves.reduce((sum, { committed, to }) => sum + Number(BigInt(committed ?? to) - BigInt(to)), 0);
  return `${group} reads ${records} records of ${new Set(moves.map(({ topic }) => topic)).size} topics again`;
}
