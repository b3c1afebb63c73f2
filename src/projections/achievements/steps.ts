import { achievementFacts, type AchievementFacts } from '../../domain/achievements/playFacts.js';
import { PLAY_EVENTS, playsAfter, type TitlePlay } from '../../domain/viewing/plays/titlePlays.js';
import type { PastOfStreams, ProjectedEvent } from '../ports/projection.js';
import { titleChange, type AchievementPlay, type TitleChange } from './titleChange.js';

const OPINION_EVENTS = ['TitleRated', 'RatingRemoved', 'ReviewWritten', 'ReviewRemoved'] as const;
export const handles = [...PLAY_EVENTS, ...OPINION_EVENTS, 'AchievementsSeen'] as const;

type Type = (typeof handles)[number];
export type AchievementEvent = ProjectedEvent<Type>;
type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;
type OpinionEvent = ProjectedEvent<(typeof OPINION_EVENTS)[number]>;
type TitleEvent = PlayEvent | OpinionEvent;
type SeenEvent = Extract<AchievementEvent, { type: 'AchievementsSeen' }>;

const playTypes: ReadonlySet<string> = new Set(PLAY_EVENTS);

const isPlay = (event: AchievementEvent): event is PlayEvent => playTypes.has(event.type);

/** Whether a title has the person's rating and review. */
export interface Opinion {
  readonly rated: boolean;
  readonly reviewed: boolean;
}

/** What counts of a title for its person. */
interface Title {
  readonly plays: readonly TitlePlay<AchievementFacts>[];
  readonly opinion: Opinion;
}

const noOpinion: Opinion = { rated: false, reviewed: false };
const noTitle: Title = { plays: [], opinion: noOpinion };

const titleAfter = ({ plays, opinion }: Title, event: TitleEvent): Title => ({
  plays: isPlay(event) ? playsAfter(plays, event, achievementFacts) : plays,
  opinion: opinionAfter(opinion, event),
});

const opinionAfter = (opinion: Opinion, event: TitleEvent): Opinion => {
  switch (event.type) {
    case 'TitleRated':
      return { ...opinion, rated: true };
    case 'RatingRemoved':
      return { ...opinion, rated: false };
    case 'ReviewWritten':
      return { ...opinion, reviewed: true };
    case 'ReviewRemoved':
      return { ...opinion, reviewed: false };
    case 'ViewingMoved':
      return noOpinion;
    default:
      return opinion;
  }
};

/** What of an event of a title counts for achievements: there may be as many as anybody ever watched. */
export interface StepEvent {
  readonly type: TitleEvent['type'];
  readonly position: bigint;
  readonly recordedAt: Date;
  readonly userId: string;
  readonly titleId: string;
  /** Of an event about one play. */
  readonly playId: string | undefined;
  /** Of a `ViewingMoved`. */
  readonly movedTo: string | undefined;
  readonly isImported: boolean;
  /** Recorded once more under another id of the title. */
  readonly isRecordedAgain: boolean;
}

/** Written out: an object that is spread from parts takes three times the memory. */
const stepEventOf = ({ type, position, recordedAt, data }: TitleEvent): StepEvent => ({
  type,
  position,
  recordedAt,
  userId: data.userId,
  titleId: data.titleId,
  playId: 'playId' in data ? data.playId : undefined,
  movedTo: 'movedTo' in data ? data.movedTo : undefined,
  isImported: 'source' in data && data.source === 'import',
  isRecordedAgain: 'firstRecordedAt' in data,
});

/** What was looked at of what was earned; it does nothing to a title. */
export interface SeenStep {
  readonly seen: SeenEvent;
}

/** A title before and after an event. */
interface TitleTransition {
  readonly event: StepEvent;
  readonly before: Title;
  readonly after: Title;
}

/** What an event did, as far as it can be kept until all events of the person are there. */
export type Transition = TitleTransition | SeenStep;

/** What an event of a title changed. */
export interface TitleStep {
  readonly event: StepEvent;
  /** The play that the event is about, after it. */
  readonly play: AchievementPlay | undefined;
  /** Of an event about a play. */
  readonly counted?: TitleChange;
  readonly opinion: { readonly before: Opinion; readonly after: Opinion };
}

export type Step = TitleStep | SeenStep;

/** Whether the step is one of a title. */
export const isOfTitle = (step: Step): step is TitleStep => 'opinion' in step;

/** Whose step it is. */
export const userOf = (step: Step): string =>
  isOfTitle(step) ? step.event.userId : step.seen.data.userId;

/** Where the event stands in the log. */
export const positionOf = (transition: Transition): bigint =>
  'seen' in transition ? transition.seen.position : transition.event.position;

/** What a transition comes to. */
export const stepOf = (transition: Transition): Step => {
  if ('seen' in transition) return transition;
  const { event, before, after } = transition;
  return {
    event,
    play: after.plays.find(({ id }) => id === event.playId),
    ...(playTypes.has(event.type) ? { counted: titleChange(before.plays, after.plays) } : {}),
    opinion: { before: before.opinion, after: after.opinion },
  };
};

/** Takes the events of titles, those of each in its order, and finds what each did to its title. */
export class TitleTransitions {
  readonly #past: PastOfStreams<Type>;
  readonly #titles = new Map<string, Title>();

  /** @param past of the titles before the first event */
  constructor(past: PastOfStreams<Type>) {
    this.#past = past;
  }

  after(event: AchievementEvent): Transition {
    const { stream } = event;
    if (event.type === 'AchievementsSeen') return { seen: event };
    const past = this.#past.of(stream).filter(isOfOneTitle);
    const before = this.#titles.get(stream) ?? past.reduce(titleAfter, noTitle);
    // One that is applied late takes its place among those that came after it.
    const after = past.some(({ revision }) => revision > event.revision)
      ? inOrder([...past, event]).reduce(titleAfter, noTitle)
      : titleAfter(before, event);
    this.#titles.set(stream, after);
    return { event: stepEventOf(event), before, after };
  }
}

const isOfOneTitle = (event: AchievementEvent): event is TitleEvent =>
  event.type !== 'AchievementsSeen';

const inOrder = (events: readonly TitleEvent[]): readonly TitleEvent[] =>
  [...events].sort((a, b) => (a.revision < b.revision ? -1 : 1));
