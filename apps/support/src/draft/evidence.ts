import type { HistoryFact } from '../history/facts.js';
import type { Macros } from './macros.js';
import { textsOf } from './macros.js';

export type SourceKind = 'macro' | 'message' | 'history';

/** A span of what is known. `start` and `end` are UTF-16 offsets in the text of the source. */
export interface Source {
  readonly kind: SourceKind;
  readonly id: string;
  /** of a macro its version; of a fact when it happened; of a message empty */
  readonly version: string;
  readonly start: number;
  readonly end: number;
}

/** A source without its span: what has to stay as it is for a draft to hold. */
export type Cited = Pick<Source, 'kind' | 'id' | 'version'>;

/** One sentence with everything it stands on. */
export interface DraftSentence {
  readonly text: string;
  readonly sources: readonly Source[];
}

/** What a draft may cite. */
export interface Evidence {
  readonly macros: Macros;
  readonly message: { readonly messageId: string; readonly text: string };
  readonly facts: readonly HistoryFact[];
}

/** Finds the text that a source cites; undefined when there is no such source, version or span. */
export function citations(evidence: Evidence): (source: Source) => string | undefined {
  const macros = textsOf(evidence.macros);
  const facts = new Map(evidence.facts.map(({ id, version, text }) => [id, { version, text }] as const));
  const { messageId, text } = evidence.message;
  const found = ({ kind, id }: Source): { readonly version: string; readonly text: string } | undefined => {
    if (kind === 'macro') return macros.get(id);
    if (kind === 'history') return facts.get(id);
    return id === messageId ? { version: '', text } : undefined;
  };
  return (source) => {
    const known = found(source);
    if (!known || known.version !== source.version) return undefined;
    const { start, end } = source;
    if (!Number.isInteger(start) || !Number.isInteger(end)) return undefined;
    if (start < 0 || end <= start || end > known.text.length) return undefined;
    return known.text.slice(start, end);
  };
}

/** The text of sentences, and where each stands in it. */
export function assembled(sentences: readonly DraftSentence[]): {
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number; readonly sources: readonly Source[] }[];
} {
  const spans: { start: number; end: number; sources: readonly Source[] }[] = [];
  let text = '';
  for (const sentence of sentences) {
    if (text !== '') text += ' ';
    spans.push({ start: text.length, end: text.length + sentence.text.length, sources: sentence.sources });
    text += sentence.text;
  }
  return { text, spans };
}
