/** A message as the orchestrator heard it. Its personal data are readable: those of a stored history are nobody's. */
export interface HeardMessage {
  readonly id: string;
  readonly type: string;
  readonly causationId: string | null;
  readonly data: unknown;
}

/** A message as it was decided: an event of the saga, a command, a review, or with `dueAt` a timer. */
export interface DecidedMessage {
  /** set for a command: its ce_id */
  readonly id?: string;
  readonly type: string;
  readonly data: unknown;
  /** ISO 8601 */
  readonly dueAt?: string;
}

/** One message, and all that followed from it. */
export interface Decision {
  /** ISO 8601 */
  readonly at: string;
  readonly heard: HeardMessage;
  readonly decided: readonly DecidedMessage[];
}

/** Where an instance stands, as far as people and its next decisions see it. */
export interface Standing {
  readonly status: string;
  readonly code: string | null;
  readonly failedStep: string | null;
  /** by step or wait that began: `charge/completed`, the way and its state, and the state of its undo where that began */
  readonly parts: Readonly<Record<string, readonly string[]>>;
}

/** All that one instance heard and decided, and where it stood then. */
export interface History {
  readonly name: string;
  readonly decisions: readonly Decision[];
  readonly standing: Standing;
}

type DecisionLine = Decision & { readonly line: number; readonly after: number };
type HistoryLine = Omit<History, 'decisions' | 'name'> & { readonly history: string; readonly last: number };

/**
 * Histories as JSON lines. What several of them begin with is written once: each decision names the line of the one before it (0: none),
 * each history the line of its last.
 */
export function linesOf(histories: readonly History[]): string {
  const numbers = new Map<string, number>();
  const lines: (DecisionLine | HistoryLine)[] = [];
  for (const { name: history, decisions, standing } of histories) {
    let last = 0;
    for (const decision of decisions) {
      const key = `${last} ${JSON.stringify(decision)}`;
      const line = numbers.get(key) ?? numbers.size + 1;
      if (!numbers.has(key)) lines.push({ line, after: last, ...decision });
      numbers.set(key, line);
      last = line;
    }
    lines.push({ history, last, standing });
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** The histories of `linesOf`. */
export function historiesIn(text: string): History[] {
  const decisions = new Map<number, DecisionLine>();
  const histories: History[] = [];
  for (const one of text.split('\n').filter(Boolean)) {
    const parsed = JSON.parse(one) as DecisionLine | HistoryLine;
    if ('line' in parsed) decisions.set(parsed.line, parsed);
    else {
      const { history: name, last, standing } = parsed;
      histories.push({ name, decisions: upTo(last, decisions), standing });
    }
  }
  return histories;
}

function upTo(last: number, lines: ReadonlyMap<number, DecisionLine>): Decision[] {
  const decisions: Decision[] = [];
  for (let line = lines.get(last); line; line = lines.get(line.after)) {
    const { at, heard, decided } = line;
    decisions.unshift({ at, heard, decided });
  }
  return decisions;
}
