import type { ConsentTo } from '@rostrum/contracts/consent';
import { CONSENT_WORDS, consentVersionOf } from '@rostrum/contracts/consent-words';
import type { WebinarView } from '@rostrum/contracts/view';
import { useState } from 'preact/hooks';
import { language } from '../messages.ts';
import type { ConsentInput, StageVisit } from './visit.ts';

/** Not among the page's messages: the log keeps which wording was answered, and the first frame does not wait for it. */
const words = CONSENT_WORDS[language === 'de' ? 'de' : 'en'];

const answerOf = (textVersion: number, to: ConsentTo, given: boolean, erase = false): ConsentInput => ({
  to,
  given,
  textVersion,
  erase,
});

/** `tracks`: null where they were not asked about theirs. */
export const consentAnswers = (
  view: Pick<WebinarView, 'consentVersion'>,
  recording: boolean,
  tracks: boolean | null,
): ConsentInput[] => [
  answerOf(consentVersionOf(view), 'recording', recording),
  ...(tracks === null ? [] : [answerOf(consentVersionOf(view), 'tracks', recording && tracks)]),
];

/** What is asked of who is about to join. */
export function ConsentAsked(props: {
  /** What the webinar says of it itself. */
  readonly own: string | null;
  /** null: no tracks are kept. */
  readonly tracks: boolean | null;
  readonly disabled: boolean;
  readonly onTracks: (kept: boolean) => void;
  readonly onUnrecorded: () => void;
}) {
  const { asked } = words;
  return (
    <div class="consent">
      {props.own !== null && (
        <p class="consent-own">
          <bdi>{props.own}</bdi>
        </p>
      )}
      <p>
        <strong>{asked.recorded}.</strong> {asked.recording} {asked.byJoining}{' '}
        <button type="button" class="link" disabled={props.disabled} onClick={props.onUnrecorded}>
          {words.joinUnrecorded}
        </button>
      </p>
      {props.tracks !== null && (
        <Choice
          label={asked.tracks}
          more={asked.tracksMore}
          checked={props.tracks}
          onChange={props.onTracks}
        />
      )}
    </div>
  );
}

/** On the stage: the sign that it is recorded, what was agreed to and how it is taken back. */
export function ConsentHeld({ visit, view }: { readonly visit: StageVisit; readonly view: WebinarView }) {
  const { consent } = view.self;
  const [erasing, setErasing] = useState(false);
  const recorded = consent.recording === 'given';
  return (
    <details class="consent-held">
      <summary>
        <span class="dot" aria-hidden="true" />
        {words.asked.recorded}
      </summary>
      <div class="consent">
        <p>{recorded ? words.asked.recording : words.unrecorded}</p>
        <Choice
          label={words.record}
          checked={recorded}
          onChange={(given) => void visit.answer(answerOf(consentVersionOf(view), 'recording', given))}
        />
        {(view.rules.tracks || consent.tracks !== 'open') && (
          <Choice
            label={words.keepTracks}
            more={words.asked.tracksMore}
            // A no to the recording is one to tracks too.
            checked={recorded && consent.tracks === 'given'}
            disabled={!recorded}
            onChange={(given) => {
              setErasing(false);
              void visit.answer(answerOf(consentVersionOf(view), 'tracks', given));
            }}
          />
        )}
        {consent.tracks === 'refused' && (
          <p role="status">
            {erasing ? (
              words.erasing
            ) : (
              <>
                {words.takenBack}{' '}
                <button
                  type="button"
                  class="link"
                  onClick={() =>
                    void visit
                      .answer(answerOf(consentVersionOf(view), 'tracks', false, true))
                      .then(setErasing)
                  }
                >
                  {words.erase}
                </button>
              </>
            )}
          </p>
        )}
      </div>
    </details>
  );
}

/** What comes up while they are there: they are not recorded, or their tracks are wanted and they were not asked yet. */
export function ConsentNote({ visit, view }: { readonly visit: StageVisit; readonly view: WebinarView }) {
  const { consent } = view.self;
  const answer = (to: ConsentTo, given: boolean): void =>
    void visit.answer(answerOf(consentVersionOf(view), to, given));
  if (consent.recording !== 'given') {
    return (
      <p class="check-problem">
        {words.unrecorded}
        <button type="button" class="button" onClick={() => answer('recording', true)}>
          {words.agree}
        </button>
      </p>
    );
  }
  if (!view.rules.tracks || consent.tracks !== 'open') return null;
  return (
    <p class="check-problem consent-wanted">
      <span>
        <strong>{words.tracksAsked}</strong> {words.asked.tracksMore}
      </span>
      <span class="consent-answers">
        <button type="button" class="button primary" onClick={() => answer('tracks', true)}>
          {words.keep}
        </button>
        <button type="button" class="button" onClick={() => answer('tracks', false)}>
          {words.doNotKeep}
        </button>
      </span>
    </p>
  );
}

function Choice(props: {
  readonly label: string;
  readonly more?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <label class="consent-choice">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={({ currentTarget }) => props.onChange(currentTarget.checked)}
      />
      <span>
        {props.label}
        {props.more && <span class="muted small">{props.more}</span>}
      </span>
    </label>
  );
}
