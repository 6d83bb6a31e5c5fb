import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

interface Documented {
  readonly summary: string;
  /** status when it went well */
  readonly status?: number;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** whether it takes `If-Match` */
  readonly versioned?: boolean;
  /** statuses of problems beside 401, 403 and 500 */
  readonly problems?: readonly number[];
  /** true when it needs no token */
  readonly open?: boolean;
}

type Schema = NonNullable<Parameters<typeof ApiBody>[0]> extends { schema?: infer S } ? NonNullable<S> : object;

export const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'stable' },
    detail: { type: 'string', description: 'what to do' },
    errors: { type: 'array', items: { type: 'object' } },
  },
};

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'the request can not be read',
  401: 'no token in force',
  403: 'the role may not',
  404: 'no such case or decision',
  409: 'the case is not in a state for it',
  412: 'the case changed since it was read',
  422: 'some fields do not fit',
  428: 'If-Match is missing',
  429: 'too many wrong tokens',
  503: 'try again later',
};

/** What the OpenAPI document says of a route; the schemas are those that requests are checked against. */
export function Documented({ summary, status = 200, body, query, versioned, problems = [], open }: Documented) {
  const statuses = [
    ...new Set([...(open ? [] : [401, 403, 429]), ...(versioned ? [400, 409, 412, 428] : []), ...problems, 503]),
  ];
  return applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status, description: 'done' }),
    ...(open ? [] : [ApiBearerAuth()]),
    ...(body ? [ApiBody({ schema: schemaOf(body) })] : []),
    ...(query ? Object.entries(query.shape).map(([name, field]) => queryOf(name, field as z.ZodType)) : []),
    ...(versioned
      ? [ApiHeader({ name: 'If-Match', required: true, description: 'ETag of the case as you read it' })]
      : []),
    ...statuses.map((one) =>
      ApiResponse({
        status: one,
        description: PROBLEMS[one] ?? 'problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      }),
    ),
  );
}

function queryOf(name: string, field: z.ZodType) {
  return ApiQuery({ name, required: false, schema: schemaOf(field), description: field.meta()?.description ?? name });
}

function schemaOf(type: z.ZodType): Schema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(type, { io: 'input' });
  return schema;
}
