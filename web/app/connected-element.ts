/** What elements that read and write start from: the engine, who is signed in, how the replica stands, and writing. */
import { consume } from '@lit/context';
import { property } from 'lit/decorators.js';
import type { Actor } from '../../shared/taller/flows/statement.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Session, Statement, Status } from '../client/engine-messages.ts';
import { actorOf, nowMs } from './actor.ts';
import { engineContext, photosContext, sessionContext, statusContext } from './contexts.ts';
import { TallerElement } from './element.ts';
import { ToastEvent } from './events.ts';
import type { Photos } from './photos/photos.ts';

export class ConnectedElement extends TallerElement {
  @consume({ context: engineContext, subscribe: true })
  @property({ attribute: false })
  accessor engine: EngineClient | undefined;

  @consume({ context: sessionContext, subscribe: true })
  @property({ attribute: false })
  accessor session: Session | undefined;

  @consume({ context: statusContext, subscribe: true })
  @property({ attribute: false })
  accessor sync: Status | undefined;

  @consume({ context: photosContext, subscribe: true })
  @property({ attribute: false })
  accessor photos: Photos | undefined;

  get now(): number {
    return nowMs(this.sync);
  }

  /** Engine and who writes. A page that was just opened may be used before the replica first told how it stands. */
  protected async writer(): Promise<{ readonly engine: EngineClient; readonly actor: Actor } | undefined> {
    const { engine, session } = this;
    if (!engine || !session) return undefined;
    return { engine, actor: actorOf(session, this.sync ?? (await engine.status())) };
  }

  /**
   * Writes one commit made by `make`; says so when it is refused. True once it is on disk. Does nothing, and is
   * false, while nobody is signed in.
   */
  protected async write(label: string, make: (actor: Actor) => readonly Statement[]): Promise<boolean> {
    try {
      const writer = await this.writer();
      if (!writer) return false;
      await writer.engine.transaction(make(writer.actor), { label });
      return true;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new ToastEvent(text, { tone: 'signal' }));
      return false;
    }
  }
}
