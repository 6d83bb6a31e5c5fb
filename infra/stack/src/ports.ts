import { createServer, type Server } from 'node:net';
import { portOwner } from './port-owner.js';
import { StackError } from './stack-error.js';

const defaults = {
  kafka: 19092,
  controller: 19093,
  registry: 18081,
  postgres: 15432,
  ingress: 18080,
  triage: 18101,
  fraud: 18102,
  egress: 18103,
  cdc: 18104,
  lending: 18106,
  support: 18105,
  console: 18107,
  'saga-orchestrator': 18108,
  commerce: 18109,
  growth: 18110,
  sandbox: 18090,
  smtp: 18025,
} as const;

export type PortName = keyof typeof defaults;
/** One loopback TCP port per listener of the stack and of the services. */
export type Ports = Record<PortName, number>;

/**
 * The ports in use: `TOWPATH_PORT_<NAME>` wins; otherwise the default plus the offset
 * (the argument, else `TOWPATH_PORT_OFFSET`, else 0).
 * @throws StackError PORT_INVALID for a value that is no port or given to two names.
 */
export function resolvePorts(environment: NodeJS.ProcessEnv, offset?: number): Ports {
  const shift = offset ?? numberFrom('TOWPATH_PORT_OFFSET', environment['TOWPATH_PORT_OFFSET'] ?? '0');
  const ports = { ...defaults } as Ports;
  const takenBy = new Map<number, string>();
  for (const name of Object.keys(defaults) as PortName[]) {
    const variable = portVariable(name);
    const own = environment[variable];
    const port = own ? numberFrom(variable, own) : defaults[name] + shift;
    if (port < 1 || port > 65535) throw new StackError('PORT_INVALID', `${name} gets port ${port}; use 1 to 65535.`);
    const other = takenBy.get(port);
    if (other) throw new StackError('PORT_INVALID', `${name} and ${other} both get port ${port}; set ${variable}.`);
    takenBy.set(port, name);
    ports[name] = port;
  }
  return ports;
}

/** The variable that sets the port of one listener. */
export function portVariable(name: string): string {
  return `TOWPATH_PORT_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The variables that make another process use these ports. */
export function portVariables(ports: Partial<Ports>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [portVariable(name), String(port)]));
}

/**
 * Makes sure that each named port can be listened on.
 * @throws StackError PORT_TAKEN that lists every taken port with the process that holds it.
 */
export async function assertPortsFree(ports: Ports, names: readonly PortName[]): Promise<void> {
  const taken = (await Promise.all(names.map((name) => describeIfTaken(ports, name)))).filter(
    (line) => line !== undefined,
  );
  if (taken.length > 0) throw new StackError('PORT_TAKEN', taken.join(' '));
}

/** Ports that were all free a moment ago, chosen by the operating system; for tests that run beside other stacks. */
export async function freePorts(): Promise<Ports> {
  const names = Object.keys(defaults) as PortName[];
  const servers = await Promise.all(names.map(() => listenAnywhere()));
  const entries = names.map((name, index) => [name, portOf(servers[index])] as const);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(entries) as Ports;
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (!address || typeof address === 'string') throw new StackError('PORT_INVALID', 'the system gave no port.');
  return address.port;
}

async function describeIfTaken(ports: Ports, name: PortName): Promise<string | undefined> {
  const port = ports[name];
  if (await isFree(port)) return undefined;
  const owner = portOwner(port);
  const holder = owner ? `process ${owner.pid} (${owner.command})` : 'a process of another user';
  return `Port ${port} (${name}) is held by ${holder}: end it, or set ${portVariable(name)} or TOWPATH_PORT_OFFSET.`;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function numberFrom(variable: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new StackError('PORT_INVALID', `${variable} is '${text}'; give a whole number.`);
  return Number(text);
}
