import type { Taint } from '@towpath/contracts/taint';

/** One text that a model reads as data. Only `instructions` are meant to be followed. */
export interface PromptPart {
  /** what it is, such as `user`, `context` or `TicketReceived.body`; stands beside the text */
  readonly label: string;
  readonly text: string;
  readonly taint: Taint;
  /** where it was taken from: id of an event, document, macro or tool's step, so that an answer can cite it */
  readonly source?: string;
}
