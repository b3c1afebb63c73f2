/** Where the engine tells what happens to it; a pino logger is one. */
export interface EngineLog {
  error(details: object, message: string): void;
}
