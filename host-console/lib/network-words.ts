import type { PersonQuality } from '@rostrum/contracts';
import { type Language, NETWORK } from './messages.ts';

/** The numbers behind somebody's word, a line each: what they send, what they get, and whether by a relay. */
export function describeNumbers(
  { send, receive, relay }: PersonQuality,
  language: Language = 'en',
): string[] {
  const words = NETWORK[language];
  const parts = (list: readonly (string | null)[]): string => list.flatMap((part) => part ?? []).join(', ');
  return [
    words.sends(
      parts([
        megabits(send.bitrate),
        send.layers && words.layers(send.layers.sent, send.layers.of),
        send.loss === null ? null : words.loss(percent(send.loss)),
        send.roundTripMs === null ? null : words.roundTrip(Math.round(send.roundTripMs)),
      ]),
    ),
    words.gets(
      parts([
        megabits(receive.bitrate),
        receive.loss === null ? null : words.loss(percent(receive.loss)),
        receive.concealed === null || receive.concealed < 0.01
          ? null
          : words.madeUp(percent(receive.concealed)),
      ]),
    ),
    ...(relay === null ? [] : [words.relayed(relay.toUpperCase())]),
  ];
}

const megabits = (bitrate: number): string => `${(bitrate / 1_000_000).toFixed(1)} Mbit/s`;
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`;
