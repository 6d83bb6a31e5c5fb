/** Who works on a ticket: the queues of triage. */
export const SPECIALISTS = ['general', 'billing', 'technical', 'account', 'fraud'] as const;
export type Specialist = (typeof SPECIALISTS)[number];

/** A sentence that frames every reply. */
export interface Frame {
  readonly id: string;
  /** rises with every change of the text */
  readonly version: number;
  readonly text: string;
}

/** What support may say about one question. */
export interface Macro {
  readonly id: string;
  readonly version: number;
  readonly queue: Specialist;
  /** what triage calls the question */
  readonly intents: readonly string[];
  /** ways to ask it, separated by commas */
  readonly asks: string;
  /** kinds of facts that belong to the answer */
  readonly history: readonly string[];
  /** a sentence that names the order, `{order}` */
  readonly slots?: string | undefined;
  readonly text: readonly string[];
}

/** Everything support may say, as one versioned file. */
export interface Macros {
  readonly version: string;
  readonly greeting: Frame;
  readonly closing: Frame;
  readonly macros: readonly Macro[];
}

/** The text of a macro as drafts cite it: its slot sentence first, each sentence separated by one blank. */
export function citable({ slots, text }: Pick<Macro, 'slots' | 'text'>): string {
  return [...(slots === undefined ? [] : [slots]), ...text].join(' ');
}

/** Every citable text by macro id, greeting and closing among them. */
export function textsOf(macros: Macros): ReadonlyMap<string, { readonly version: string; readonly text: string }> {
  const frames = [macros.greeting, macros.closing].map(
    ({ id: name, version: at, text }) => [name, { version: String(at), text }] as const,
  );
  const others = macros.macros.map((one) => [one.id, { version: String(one.version), text: citable(one) }] as const);
  return new Map([...frames, ...others]);
}
