import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { z } from 'zod';
import type { Provider } from './provider.js';

/** What an effect is about. */
export interface Target {
  /** payment, connected account, ticket, message: effects of one subject are carried out one after the other */
  readonly subjectId: string;
  /** whose data the command holds: the subject of its `pii` fields */
  readonly accountId: string;
}

/** One thing that a provider can do, asked for by one command. */
export interface Tool<C extends Contract = Contract> {
  readonly command: C;
  /** what the subject is, for people who review: payment, account, ticket, message */
  readonly subjectType: string;
  /** undefined when this command is for another provider */
  target(data: DataOf<C>): Target | undefined;
  /** name of the breaker of an effect's own endpoint, where endpoints can be disabled until a person resets them */
  breaker?(subjectId: string): string;
}

/** What an adapter is opened with beside its own settings. */
export interface Surroundings {
  /** nothing may be sent; each call ends in what would have been */
  readonly dryRun: boolean;
  /** where the sandbox's counterparts are, for providers without settings of their own */
  readonly sandboxUrl: string;
  /** signs the story that effects leave at the provider, so that ingress recognises what comes back */
  readonly storyKey: string | undefined;
  onBreaker(name: string, state: 'open' | 'closed', cause: string): void;
}

/** Everything about one third party: what it can do, its settings with their defaults, and the way there. */
export interface Adapter {
  /** its name in the ledger, in settings such as EGRESS_DRY_RUN, and on the command line */
  readonly provider: string;
  readonly tools: readonly Tool[];
  readonly settings: z.ZodObject;
  open(settings: unknown, around: Surroundings): Provider;
}

/** Lets an adapter be written with its own types and kept in one table with the others. */
export function defineAdapter<S extends z.ZodObject>(adapter: {
  readonly provider: string;
  readonly tools: readonly Tool[];
  readonly settings: S;
  open(settings: z.output<S>, around: Surroundings): Provider;
}): Adapter {
  // `settings` was read by this very schema.
  return adapter;
}

/** Lets a tool be written with its command's types and kept in one list with the others. */
export function defineTool<C extends Contract, T extends Tool<C>>(tool: T & { readonly command: C }): T {
  return tool;
}
