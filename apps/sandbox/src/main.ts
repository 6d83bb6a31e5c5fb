import { sandboxConfig } from './config.js';
import { createServer } from './server.js';

const config = sandboxConfig.parse(process.env);
const app = await createServer(config);
await app.listen({ port: config.PORT, host: config.HOST });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void app.close().then(() => process.exit(0)));
}
