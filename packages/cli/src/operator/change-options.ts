import type { Command } from 'commander';
import type { Signer } from './send.js';

/** What every verb that changes something is given. */
export interface ChangeOptions extends Signer {
  readonly reason: string;
}

/** Adds what `change` needs: without a reason nothing changes. */
export function addChangeOptions(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'why; it is recorded with who did it')
    .option('--as <name>', 'the person whose key signs')
    .option('--key-file <file>', 'file with the private key');
}
