/**
 * Header of live playlists whose compositor leaves work out because its machine is too slow: the rung of its ladder, 1 and up
 * (docs/overload.md). Absent while everything is made.
 */
export const SHEDDING_HEADER = 'Rostrum-Shedding';
