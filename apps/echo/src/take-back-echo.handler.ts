import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';
import { UndoEcho } from '@towpath/contracts/echo/UndoEcho.v1';
import { Handles, type Handler } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';

const EMITS = [EchoUndone] as const;

/** Takes a step's answer back. Of a step that was never answered it keeps that it never will be. */
@Handles(UndoEcho, { emits: EMITS })
export class TakeBackEcho implements Handler<typeof UndoEcho, typeof EMITS> {
  handle({ data: { echoId, step } }: Received<typeof UndoEcho>): Emission<typeof EchoUndone>[] {
    return [emit(EchoUndone, { echoId, step })];
  }
}
