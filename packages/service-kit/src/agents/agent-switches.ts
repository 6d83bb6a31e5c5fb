import { Permanent } from '../permanent.js';
import type { AgentState } from './agent-state.js';

export interface AgentSwitchesOptions {
  /** what the store knows of every switched agent */
  read(): Promise<ReadonlyMap<string, { readonly state: AgentState }>>;
  onError(error: unknown): void;
  /** between two looks at the store; default 1 s, so that a replica that did not get the command stops within 5 s, too */
  readonly everyMs?: number;
}

const LOOK_MS = 1_000;

/** Thrown to whatever an agent is doing when somebody kills it. */
export class AgentStopped extends Permanent {
  constructor(agent: string) {
    super('AGENT_KILLED', `${agent} was killed; \`towpath agents resume ${agent}\` lets it run again`);
  }
}

/**
 * Which agents may run, as this service's store knows it. It looks by itself from the first question on. When the store can not be
 * asked, what was last known counts.
 */
export class AgentSwitches {
  private states = new Map<string, AgentState>();
  private readonly aborts = new Map<string, AbortController>();
  private waiters: (() => void)[] = [];
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** hints given while a look was under way, which it may have missed */
  private hints = 0;

  constructor(private readonly options: AgentSwitchesOptions) {}

  /** Whether the agent runs, pauses or is killed. */
  async stateOf(agent: string): Promise<AgentState> {
    if (this.timer === undefined) await this.start();
    return this.states.get(agent) ?? 'running';
  }

  /** What is known without asking, for a decision under way; its commands meet the ledger's own look at egress. */
  knownStateOf(agent: string): AgentState {
    if (this.timer === undefined) void this.start();
    return this.states.get(agent) ?? 'running';
  }

  /** Resolves once the agent may do its next step: at once, or when it is resumed. Throws AgentStopped, or the signal's reason. */
  async enter(agent: string, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const state = await this.stateOf(agent);
      if (state === 'running') return;
      if (state === 'killed') throw new AgentStopped(agent);
      await this.changed(signal);
    }
  }

  /** Aborted with AgentStopped when the agent is killed; one that was resumed since has a new signal. */
  signalOf(agent: string): AbortSignal {
    if (this.timer === undefined) void this.start();
    let controller = this.aborts.get(agent);
    if (!controller || (controller.signal.aborted && this.states.get(agent) !== 'killed')) {
      controller = new AbortController();
      this.aborts.set(agent, controller);
    }
    if (this.states.get(agent) === 'killed') controller.abort(new AgentStopped(agent));
    return controller.signal;
  }

  /** What is about to be stored; the next look at the store takes it back if it was not. */
  hint(agent: string, state: AgentState): void {
    this.hints += 1;
    this.set(agent, state);
    this.wake();
  }

  /** Looks at the store now, not only as it was when an earlier look began. */
  async look(): Promise<void> {
    while (this.looking) await this.looking;
    this.looking = this.read().finally(() => (this.looking = undefined));
    await this.looking;
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.timer);
    this.wake();
  }

  private async start(): Promise<void> {
    if (this.timer === undefined) {
      this.timer = setInterval(() => void (this.looking ?? this.look()), this.options.everyMs ?? LOOK_MS);
      this.timer.unref();
    }
    await this.look();
  }

  private async read(): Promise<void> {
    const hints = this.hints;
    try {
      const rows = await this.options.read();
      if (hints !== this.hints) return;
      for (const agent of this.states.keys()) if (!rows.has(agent)) this.set(agent, 'running');
      for (const [agent, { state }] of rows) this.set(agent, state);
      this.wake();
    } catch (error) {
      this.options.onError(error);
    }
  }

  private set(agent: string, state: AgentState): void {
    this.states.set(agent, state);
    if (state === 'killed') this.aborts.get(agent)?.abort(new AgentStopped(agent));
  }

  private changed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason as Error);
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.waiters.push(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}
