import { parseArgs } from 'node:util';
import { startStack, stopStack, type PartName } from './stack.js';

/** The stack alone, for trying things by hand: `node dist/local.js start|stop --home DIR [--port-offset N] [--parts kafka,…]`. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { home: { type: 'string' }, 'port-offset': { type: 'string' }, parts: { type: 'string' } },
  });
  if (!values.home) throw new Error('give --home DIR');
  if (positionals[0] === 'stop') return stopStack(values.home);
  const { home, parts } = values;
  let ending = false;
  const finish = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    await stopStack(home);
    process.exit(0);
  };
  process.on('SIGINT', () => void finish());
  process.on('SIGTERM', () => void finish());
  const stack = await startStack({
    home,
    ...(values['port-offset'] ? { portOffset: Number(values['port-offset']) } : {}),
    ...(parts ? { parts: parts.split(',').filter(isPart) } : {}),
    onProgress: (line) => console.log(line),
  });
  for (const [name, value] of Object.entries(stack.env)) console.log(`${name}=${value}`);
  setInterval(() => undefined, 60_000); // stays in the foreground until a signal comes
}

function isPart(name: string): name is PartName {
  return name === 'postgres' || name === 'kafka' || name === 'registry';
}

await main();
