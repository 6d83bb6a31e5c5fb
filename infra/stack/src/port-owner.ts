import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortOwner {
  readonly pid: number;
  /** The command line, arguments separated by spaces, cut at 120 characters. */
  readonly command: string;
}

/** The process that listens on a TCP port of this machine; undefined when it can't be seen (another user's, or none). */
export function portOwner(port: number): PortOwner | undefined {
  const pid = process.platform === 'linux' ? linuxOwner(port) : lsofOwner(port);
  return pid === undefined ? undefined : { pid, command: commandOf(pid) };
}

function linuxOwner(port: number): number | undefined {
  const inodes = new Set([...listeningInodes('/proc/net/tcp', port), ...listeningInodes('/proc/net/tcp6', port)]);
  if (inodes.size === 0) return undefined;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

/** Inodes of the listening sockets on `port`, from a table in the format of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): string[] {
  const listening = '0A';
  return readOrEmpty(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === listening && parseInt(columns[1]?.split(':')[1] ?? '', 16) === port)
    .map((columns) => columns[9] ?? '');
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => socketInode(`/proc/${pid}/fd/${descriptor}`));
  } catch {
    return []; // the process ended meanwhile, or belongs to another user
  }
}

function socketInode(link: string): string[] {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
    return inode ? [inode] : [];
  } catch {
    return []; // the descriptor was closed meanwhile
  }
}

function lsofOwner(port: number): number | undefined {
  try {
    const output = execFileSync('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'], { encoding: 'utf8' });
    return Number(output.split('\n')[0]) || undefined;
  } catch {
    return undefined; // lsof answers 1 when nothing matches
  }
}

function commandOf(pid: number): string {
  const raw = process.platform === 'linux' ? readOrEmpty(`/proc/${pid}/cmdline`) : psCommand(pid);
  return raw.replaceAll('\0', ' ').trim().slice(0, 120) || 'unknown command';
}

function psCommand(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
