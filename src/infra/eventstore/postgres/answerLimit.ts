/**
 * How long the log waits for one statement's answer, in milliseconds. A caller's append or read may stand behind
 * one that is under way, so that it waits for twice this at most.
 */
export const ANSWER_MS = 15_000;
