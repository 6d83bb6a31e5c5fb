/** `paused`: it does no further step until it is resumed; `killed`: what it does ends, and nothing it asked for is carried out. */
export type AgentState = 'running' | 'paused' | 'killed';

export const AGENT_STATES: readonly AgentState[] = ['running', 'paused', 'killed'];

export interface AgentSwitch {
  readonly state: AgentState;
  readonly actor: string;
  readonly reason: string;
  /** milliseconds since the epoch */
  readonly since: number;
}

/** A state of a newer release counts as the safest one. */
export function stateOf(text: string): AgentState {
  return AGENT_STATES.find((state) => state === text) ?? 'killed';
}
