import { Echo } from '@towpath/contracts/echo/Echo.v1';
import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { EchoRefused } from '@towpath/contracts/echo/EchoRefused.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { echo } from './echo.js';

const EMITS = [Echoed, EchoRefused] as const;

/** Answers each command once with a done or a refusal; a step that was taken back before is not answered any more. */
@Handles(Echo, { emits: EMITS })
export class AnswerEcho implements Handler<typeof Echo, typeof EMITS> {
  reads({ data }: Received<typeof Echo>): Reads {
    return { streams: [echo.of(data.echoId)] };
  }

  handle({ data }: Received<typeof Echo>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { echoId, step, refuse } = data;
    if (state.of(echo, echoId).steps[step] === 'taken-back')
      return [emit(EchoRefused, { echoId, step, code: 'ECHO_TAKEN_BACK' })];
    return [refuse ? emit(EchoRefused, { echoId, step, code: 'ECHO_REFUSED' }) : emit(Echoed, { echoId, step })];
  }
}
