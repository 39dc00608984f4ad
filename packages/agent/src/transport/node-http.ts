// The requests of `node:http` alone. To `import` it reads everything that the module has, also WebSocket and other parts of undici, which
// Node 24 loads at that moment: 4.5 MB that nobody here uses. @see decisions/0007
import { createRequire } from 'node:module';

/** `request` of `node:http`. */
export const { request }: typeof import('node:http') = createRequire(import.meta.url)('node:http');
