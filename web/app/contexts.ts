/** What elements find around them: the engine, who is signed in, how to move. Given by the shell. */
import { createContext } from '@lit/context';
import type { EngineClient } from '../client/engine-client.ts';
import type { Session, Status } from '../client/engine-messages.ts';
import type { Photos } from './photos/photos.ts';

export const engineContext = createContext<EngineClient | undefined>(Symbol('engine'));
export const sessionContext = createContext<Session | undefined>(Symbol('session'));
export const photosContext = createContext<Photos | undefined>(Symbol('photos'));
export const statusContext = createContext<Status | undefined>(Symbol('status'));
