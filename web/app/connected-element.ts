/** What elements that read and write start from: the engine, who is signed in, how the replica stands, and writing. */
import { consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { property } from 'lit/decorators.js';
import type { Actor } from '../../shared/taller/flows/statement.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Session, Statement, Status, WriteResult } from '../client/engine-messages.ts';
import { actorOf, nowMs } from './actor.ts';
import { engineContext, photosContext, sessionContext, statusContext } from './contexts.ts';
import { TallerElement } from './element.ts';
import { ToastEvent, tellShell } from './events.ts';
import type { Photos } from './photos/photos.ts';
import { refusalText } from './refusals.ts';

/** What a commit writes, made when it is known who writes it. */
type MakeStatements = (actor: Actor) => readonly Statement[];

/** The engine, and who writes to it now. */
export interface Writer {
  readonly engine: EngineClient;
  readonly actor: Actor;
}

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

  /** A page that was just opened may be used before the replica first told how it stands. */
  protected async writer(): Promise<Writer | undefined> {
    const { engine, session } = this;
    if (!engine || !session) return undefined;
    return { engine, actor: actorOf(session, this.sync ?? (await engine.status())) };
  }

  /**
   * Writes one commit made by `make`; says so when it is refused. True once it is on disk. Does nothing, and is
   * false, while nobody is signed in.
   */
  protected async write(label: string, make: MakeStatements): Promise<boolean> {
    return (await this.#commit(label, make)) !== undefined;
  }

  /** As `write`; then says what is gone, with a way back for this commit, whatever is written meanwhile. */
  protected async writeRemoval(what: string, label: string, make: MakeStatements): Promise<boolean> {
    const written = await this.#commit(label, make);
    if (!written) return false;
    const { engine } = this;
    const action = { label: msg('Deshacer'), run: () => void undo(engine, written.commit) };
    this.dispatchEvent(new ToastEvent(msg(str`Quitado: ${what}`), { action }));
    return true;
  }

  /** Runs what reads, counts and hashes before it writes; says so when any of it fails, whatever it was. */
  protected async attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      tellRefused(error);
    }
  }

  async #commit(label: string, make: MakeStatements): Promise<WriteResult | undefined> {
    try {
      const writer = await this.writer();
      return writer && (await writer.engine.transaction(make(writer.actor), { label }));
    } catch (error) {
      tellRefused(error);
      return undefined;
    }
  }
}

/** The element may be gone with its row by then, and nothing here holds it. */
async function undo(engine: EngineClient | undefined, commit: string | undefined): Promise<void> {
  if (commit === undefined || (await engine?.undo(commit))?.done) return;
  tellShell(new ToastEvent(msg('Ya no se puede deshacer.'), { tone: 'signal' }));
}

/** Also where the element that asked for it is gone. */
export function tellRefused(error: unknown): void {
  tellShell(new ToastEvent(refusalText(error), { tone: 'signal' }));
}
