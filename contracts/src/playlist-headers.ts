/**
 * Header of live playlists whose compositor leaves work out because its machine is too slow (docs/overload.md): what it leaves
 * out, `ShedLoad` each, with blanks between. Absent while everything is made. A rendition that is named has gaps from its next
 * part on, and is named until it has none.
 */
export const SHEDDING_HEADER = 'Rostrum-Shedding';
