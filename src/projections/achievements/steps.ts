import { achievementFacts, type AchievementFacts } from '../../domain/achievements/playFacts.js';
import { PLAY_EVENTS, playsAfter, type TitlePlay } from '../../domain/viewing/plays/titlePlays.js';
import type { PastOfStreams, ProjectedEvent } from '../ports/projection.js';
import { titleChange, type AchievementPlay, type TitleChange } from './titleChange.js';

const OPINION_EVENTS = ['TitleRated', 'RatingRemoved', 'ReviewWritten', 'ReviewRemoved'] as const;
export const handles = [...PLAY_EVENTS, ...OPINION_EVENTS, 'AchievementsSeen'] as const;

type Type = (typeof handles)[number];
export type AchievementEvent = ProjectedEvent<Type>;
export type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;
export type OpinionEvent = ProjectedEvent<(typeof OPINION_EVENTS)[number]>;
type TitleEvent = PlayEvent | OpinionEvent;

const playTypes: ReadonlySet<string> = new Set(PLAY_EVENTS);

export const isPlay = (event: AchievementEvent): event is PlayEvent => playTypes.has(event.type);

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

/** What an event of a title did to it. */
export interface TitleStep {
  readonly event: TitleEvent;
  /** Every play of the title after the event, the uncounted ones too. */
  readonly plays: readonly AchievementPlay[];
  /** Of an event about a play. */
  readonly counted?: TitleChange;
  readonly opinion: { readonly before: Opinion; readonly after: Opinion };
}

type Seen = Extract<AchievementEvent, { type: 'AchievementsSeen' }>;

/** What an event did; having looked at what was earned does nothing to a title. */
export type Step = TitleStep | { readonly event: Seen };

/** Whether the step is one of a title. */
export const isOfTitle = (step: Step): step is TitleStep => 'opinion' in step;

/** Takes events one after the other, in the order of the log, and tells what each did to its title. */
export class TitleSteps {
  readonly #past: PastOfStreams<Type>;
  readonly #titles = new Map<string, Title>();

  /** @param past of the titles before the first event */
  constructor(past: PastOfStreams<Type>) {
    this.#past = past;
  }

  after(event: AchievementEvent): Step {
    if (event.type === 'AchievementsSeen') return { event };
    const { stream } = event;
    const past = this.#past.of(stream).filter(isOfOneTitle);
    const before = this.#titles.get(stream) ?? past.reduce(titleAfter, noTitle);
    // One that is applied late takes its place among those that came after it.
    const after = past.some(({ revision }) => revision > event.revision)
      ? inOrder([...past, event]).reduce(titleAfter, noTitle)
      : titleAfter(before, event);
    this.#titles.set(stream, after);
    return {
      event,
      plays: after.plays,
      ...(isPlay(event) ? { counted: titleChange(before.plays, after.plays) } : {}),
      opinion: { before: before.opinion, after: after.opinion },
    };
  }
}

const isOfOneTitle = (event: AchievementEvent): event is TitleEvent =>
  event.type !== 'AchievementsSeen';

const inOrder = (events: readonly TitleEvent[]): readonly TitleEvent[] =>
  [...events].sort((a, b) => (a.revision < b.revision ? -1 : 1));
