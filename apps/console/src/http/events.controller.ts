import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EventStream } from '../event-stream.js';
import type { Caller } from '../token-book.js';
import { Access, By } from './access.js';
import { Documented } from './documented.js';
import { Problem } from './problem.js';

/** What happens to cases, as it happens. */
@Controller('events')
export class EventsController {
  constructor(private readonly stream: EventStream) {}

  @Get()
  @Access('viewer')
  @Documented({
    summary: 'Server-sent events of all cases; goes on after Last-Event-ID. No personal data.',
    problems: [400, 503],
  })
  async follow(
    @Headers('last-event-id') lastEventId: string | undefined,
    @By() by: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (lastEventId !== undefined && !/^\d{1,18}$/.test(lastEventId)) {
      throw new Problem(400, 'EVENT_ID_MALFORMED', 'Last-Event-ID takes the id of an event of this stream');
    }
    if (!this.stream.hasRoom) {
      const headers = { 'retry-after': '5' };
      throw new Problem(503, 'STREAMS_TOO_MANY', 'too many follow already; try again', { headers });
    }
    const after = lastEventId ?? (await this.stream.end());
    reply.hijack();
    this.stream.open(reply.raw, by, after);
  }
}
