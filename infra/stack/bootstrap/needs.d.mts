export interface Need {
  readonly label: string;
  readonly found: string | undefined;
  readonly apt: string;
  readonly brew: string;
}
export interface Host {
  readonly stack: 'local' | 'docker';
  readonly missing: readonly Need[];
}
export function examineHost(
  asked: 'local' | 'docker' | undefined,
  outputOf: (line: readonly string[]) => Promise<string | undefined>,
  nodeVersion: string,
): Promise<Host>;
export function describeMissing(host: Host): string;
export function outputOf(line: readonly string[]): Promise<string | undefined>;
