import type { Launch } from '../processes.js';
import type { Ports, PortName } from '../ports.js';

export type PartName = 'postgres' | 'kafka' | 'registry';

/** Where one stack lives: `home` holds data, logs, pidfiles and secrets; `parts` the fetched programs, shared by all homes. */
export interface Place {
  readonly home: string;
  readonly parts: string;
  readonly ports: Ports;
  /** port that the broker tells its clients, when something stands between; default: the one it listens on */
  readonly kafkaAdvertisedPort?: number;
}

/** One program of the stack. All methods may be called again: what is done already is left alone. */
export interface Part {
  readonly name: PartName;
  readonly listens: readonly PortName[];
  /** Signals that end it in order of politeness; SIGKILL follows by itself. */
  readonly stopSignals: readonly NodeJS.Signals[];
  /** Fetches the program unless it is there. */
  fetch(place: Place): Promise<void>;
  /** Creates data, secrets and settings unless they are there, and answers how to start. */
  prepare(place: Place): Promise<Omit<Launch, 'logFile' | 'pidFile'>>;
  /** Whether it answers a real request, not only listens. */
  isReady(place: Place): Promise<boolean>;
  /** Whether its log says that it ended because the one before it has not quite ended: then it is started once more. */
  followsTooSoon?(log: string): boolean;
}
