import type { PartName } from './parts/part.js';
import type { Ports } from './ports.js';

export interface StackOptions {
  /** Folder for data, logs, pidfiles and secrets; made when absent. */
  readonly home: string;
  /** Added to every default port; unset: TOWPATH_PORT_OFFSET. */
  readonly portOffset?: number;
  /** What to start; the registry needs Kafka. Default: all three. */
  readonly parts?: readonly PartName[];
  /** Ports to use instead of those of the environment. */
  readonly ports?: Ports;
  /** Port that the broker tells its clients, for a proxy in front of it. Default: the one it listens on. */
  readonly kafkaAdvertisedPort?: number;
  /** Folder of the fetched programs. Default: `<repository>/.towpath/parts`. */
  readonly partsFolder?: string;
  /** How the parts run. Unset: TOWPATH_STACK, else `local`. */
  readonly backend?: 'local' | 'docker';
  /** Called with one line of text per step. */
  readonly onProgress?: (line: string) => void;
}

/** A started stack. Everything in it outlives the process that started it until `stop()`. */
export interface Stack {
  readonly env: { readonly KAFKA_BROKERS: string; readonly REGISTRY_URL: string; readonly ADMIN_DATABASE_URL: string };
  readonly ports: Ports;
  /** The present process of each started part; changes when one is restarted. Empty with Docker. */
  readonly pids: Readonly<Partial<Record<PartName, number>>>;
  stop(): Promise<void>;
  /** Sends a signal to one part; answers whether it was running. */
  kill(part: PartName, name: NodeJS.Signals): boolean;
  /** Ends one part if it still runs, starts it again on its data and waits until it answers. */
  restart(part: PartName): Promise<void>;
}
