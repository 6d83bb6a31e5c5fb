/** Examples of each intent, written for this taxonomy. */
export type IntentExamples = Readonly<Record<string, readonly string[]>>;
