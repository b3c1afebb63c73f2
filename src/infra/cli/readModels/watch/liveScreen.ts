import type { EventEmitter } from 'node:events';
import type { Room } from './projectionsView.js';

/** What of a terminal is written to. */
export interface ScreenOutput extends EventEmitter {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
}

/** What of a terminal is read from. */
export interface ScreenInput extends EventEmitter {
  setRawMode?(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** A terminal whose whole screen is ours, until it is given back. */
export interface LiveScreen {
  /** Aborts when q or Ctrl-C is pressed. */
  readonly quit: AbortSignal;
  /** Draws over what was there; again by itself when the terminal changes its size. */
  show(draw: (room: Room) => readonly string[]): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Control functions of ECMA-48 and DEC's private modes, which every terminal of today knows. */
const OTHER_SCREEN = '\u001b[?1049h';
const FIRST_SCREEN = '\u001b[?1049l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const QUIT = ['q', 'Q', CTRL_C, CTRL_D];

/** A terminal that does not say how large it is has been this large for fifty years. */
const USUAL: Room = { columns: 80, rows: 24 };

export const openLiveScreen = (output: ScreenOutput, input: ScreenInput): LiveScreen => {
  const quit = new AbortController();
  let draw: ((room: Room) => readonly string[]) | undefined;
  const redraw = (): void => {
    if (!draw) return;
    const room = { columns: output.columns ?? USUAL.columns, rows: output.rows ?? USUAL.rows };
    const lines = draw(room).map((line) => `${line}${REST_OF_LINE}`);
    // In one piece, so that no half of it is ever seen.
    output.write(`${HOME}${lines.join('\r\n')}${REST_OF_SCREEN}`);
  };
  const onKeys = (keys: Buffer | string): void => {
    const pressed = keys.toString();
    if (QUIT.some((key) => pressed.includes(key))) quit.abort();
  };
  // Keys come one by one, and Ctrl-C as one of them.
  input.setRawMode?.(true);
  input.on('data', onKeys);
  input.resume();
  output.on('resize', redraw);
  output.write(OTHER_SCREEN + HIDE_CURSOR);
  return {
    quit: quit.signal,
    show: (next) => {
      draw = next;
      redraw();
    },
    close: () => {
      output.off('resize', redraw);
      input.off('data', onKeys);
      input.setRawMode?.(false);
      input.pause();
      output.write(SHOW_CURSOR + FIRST_SCREEN);
    },
  };
};
