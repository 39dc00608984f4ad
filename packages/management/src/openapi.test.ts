import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { ROUTES, SHOWN_ROUTES } from './routes.ts';

const document = openApiDocument({ url: 'https://windlass.example:8443', version: '1.2.3' });

test('the document is OpenAPI 3.1 by its own schema', async () => {
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
});

test('every route of the table is an operation with its parameters, its body, and whether it needs a token', () => {
  const paths = document['paths'] as Record<string, Record<string, Record<string, unknown>>>;
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const operation = paths[route.path.replace(/:([a-z]+)/gi, '{$1}')]?.[route.method.toLowerCase()];
    expect(operation).toMatchObject({ operationId: name });
    const parameters = operation?.['parameters'] as { name: string }[];
    const names = [...Object.keys(route.params.properties), ...Object.keys(route.query.properties)];
    const headers = [
      ...(route.method === 'GET' ? [] : ['Idempotency-Key']),
      ...(route.guardedBy === undefined ? [] : ['If-Match']),
      ...(SHOWN_ROUTES.has(name) ? ['If-None-Match'] : []),
    ];
    expect(parameters.map((parameter) => parameter.name)).toEqual([...names, ...headers]);
    expect(operation?.['requestBody'] !== undefined).toBe(route.body !== null);
    expect(operation?.['security']).toEqual(route.roles.length === 0 ? [] : undefined);
  }
});
